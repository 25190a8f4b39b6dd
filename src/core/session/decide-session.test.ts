/** Tables for culling and the warm pool. */
import { describe, expect, it } from "vitest";
import { decideCulling } from "./decide-culling.ts";
import { decideWarmPool } from "./decide-warm-pool.ts";
import type { ObservedSession, SessionRecord } from "./session.ts";

function session(over: Partial<SessionRecord> & { lastActivityAtMs?: number }): ObservedSession {
  const { lastActivityAtMs = 0, ...record } = over;
  return {
    record: {
      id: "s",
      token: "t",
      createdAtMs: 0,
      purpose: null,
      claimedAtMs: 0,
      endsAtMs: 10_000,
      idleLimitMs: 1_000,
      ...record,
    },
    state: { kind: "running" },
    lastActivityAtMs,
    outOfMemoryKills: 0,
    memoryBytes: null,
    node: "one",
  };
}

describe("decideCulling", () => {
  const policy = { sessionAgeMs: 8_000 };
  const cases: [string, ObservedSession, number, number, string[]][] = [
    ["an active session stays", session({ lastActivityAtMs: 500 }), 0, 1_499, []],
    ["an idle one ends", session({ lastActivityAtMs: 500 }), 0, 1_500, ["idle"]],
    ["idleness counts from the end of a clock jump", session({}), 5_000, 5_999, []],
    [
      "one at its end goes, however active",
      session({ lastActivityAtMs: 9_999, endsAtMs: 7_000 }),
      0,
      7_000,
      ["age"],
    ],
    [
      "none lives past the age limit, whatever its record says",
      session({ lastActivityAtMs: 7_999, endsAtMs: 99_999 }),
      0,
      8_000,
      ["age"],
    ],
    ["a warm server is not culled here", session({ claimedAtMs: null }), 0, 99_999, []],
    [
      "an ended one is left alone",
      { ...session({}), state: { kind: "ended", end: "idle", exitCode: 0 } },
      0,
      9_999,
      [],
    ],
  ];
  it.each(cases)("%s", (_title, observed, activeSinceMs, nowMs, ends) => {
    const decided = decideCulling([observed], policy, activeSinceMs, nowMs);
    expect(decided.map((culling) => culling.end)).toEqual(ends);
  });
});

describe("decideWarmPool", () => {
  const policy = {
    warmServersMax: 2,
    warmServerAgeMs: 1_000,
    warmFreeMemoryMinBytes: 100,
    sessionsMax: 9,
  };
  const observed = { warm: [], peopleWaiting: 0, freeMemoryBytes: 1_000 };
  const warm = (id: string, createdAtMs = 0) => session({ id, createdAtMs, claimedAtMs: null });

  it("fills the pool up to its budget", () => {
    expect(decideWarmPool({ ...observed, warm: [warm("a")] }, policy, 10).start).toBe(1);
  });

  it("starts nothing while people wait, and says why", () => {
    const decision = decideWarmPool({ ...observed, peopleWaiting: 1 }, policy, 10);
    expect(decision).toEqual({ start: 0, stop: [], brake: "1 people wait" });
  });

  it("starts nothing while memory is short", () => {
    expect(decideWarmPool({ ...observed, freeMemoryBytes: 99 }, policy, 10).start).toBe(0);
  });

  it("recycles by age, and ends what is over the budget", () => {
    const pool = [warm("old", 0), warm("a", 900), warm("b", 900), warm("c", 900)];
    expect(decideWarmPool({ ...observed, warm: pool }, policy, 1_000)).toEqual({
      start: 0,
      stop: ["old", "c"],
      brake: null,
    });
  });
});
