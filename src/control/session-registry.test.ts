/** Lists and looks: whichever is newer counts, and what a look has changed a list puts right. */
import { describe, expect, it } from "vitest";
import { DEFAULT_POLICY } from "#core/policy.ts";
import type { ObservedSession } from "#core/session/session.ts";
import type { SessionDriver } from "#ports/session-driver.ts";
import { SessionRegistry } from "./session-registry.ts";

const silent = () => undefined;
const log = { debug: silent, info: silent, warn: silent, error: silent };
const isCurrent = () => true;

function session(id: string, kind: "starting" | "running" | "ended"): ObservedSession {
  return {
    record: { id, purpose: { launchId: `launch-${id}` }, claimedAtMs: 0, endsAtMs: 0 },
    state: { kind },
    lastActivityAtMs: 0,
    outOfMemoryKills: 0,
    node: null,
  } as unknown as ObservedSession;
}

/** A driver that lists and shows what it is told to. */
function registry() {
  let listed: readonly ObservedSession[] = [];
  const shown = new Map<string, ObservedSession>();
  const looks: string[] = [];
  let hint: (id: string) => void = silent;
  const driver = {
    list: () => Promise.resolve([...listed]),
    inspect: (id: string) => {
      looks.push(id);
      return Promise.resolve(shown.get(id) ?? null);
    },
    onHint: (listener: (id: string) => void) => {
      hint = listener;
      return silent;
    },
  } as unknown as SessionDriver;
  const clock = { nowMs: () => 0, monotonicMs: () => 0, setTimer: () => silent };
  const made = new SessionRegistry({ driver, clock, log, policy: DEFAULT_POLICY, hurry: silent });
  const changes: string[] = [];
  made.onChange((before, now) =>
    changes.push(`${before?.state.kind ?? "none"} → ${now?.state.kind ?? "none"}`),
  );
  return {
    ...{ changes, looks, made, shown },
    hint: (id: string) => hint(id),
    list: (...sessions: ObservedSession[]) => {
      listed = sessions;
      return made.resync(isCurrent);
    },
  };
}

describe("a full list", () => {
  it("tells of what has come, changed and gone, once", async () => {
    const { changes, list, made } = registry();
    const [a, b] = [session("a", "running"), session("b", "starting")];
    await list(a, b);
    await list(a, b);
    await list(a, session("b", "running"));
    await list(session("b", "running"));
    expect(changes).toEqual([
      "none → running",
      "none → starting",
      "starting → running",
      "running → none",
    ]);
    expect(made.list().map(({ record }) => record.id)).toEqual(["b"]);
  });

  it("puts right what a look saw otherwise, although nothing in it has changed", async () => {
    const { changes, list, made, shown } = registry();
    const a = session("a", "running");
    await list(a);
    shown.set("a", session("a", "ended"));
    await made.refresh("a");
    expect(made.get("a")?.state.kind).toBe("ended");
    await list(a);
    expect(made.get("a")).toBe(a);
    expect(changes.slice(1)).toEqual(["running → ended", "ended → running"]);
    expect([...made.ended()]).toEqual([]);
  });

  it("brings back what a look did not find, and takes away what only a look found", async () => {
    const { list, made, shown } = registry();
    const a = session("a", "running");
    await list(a);
    await made.refresh("a");
    expect(made.get("a")).toBeNull();
    shown.set("b", session("b", "running"));
    await made.refresh("b");
    await list(a);
    expect(made.list()).toEqual([a]);
  });

  it("is older than what changed while it was under way, and the next one is not", async () => {
    const { list, made, shown } = registry();
    const [before, after] = [session("a", "starting"), session("a", "running")];
    await list(before);
    shown.set("a", after);
    const listing = list(before);
    await made.refresh("a");
    await listing;
    expect(made.get("a")).toBe(after);
    await list(before);
    expect(made.get("a")).toBe(before);
  });
});

describe("hints", () => {
  it("about one session that come together are one look", async () => {
    const { hint, looks, made, shown } = registry();
    made.follow();
    shown.set("a", session("a", "starting"));
    hint("a");
    hint("b");
    hint("a");
    await Promise.resolve();
    expect(looks).toEqual(["a", "b"]);
    hint("a");
    await Promise.resolve();
    expect(looks).toEqual(["a", "b", "a"]);
    expect(made.get("a")?.state.kind).toBe("starting");
  });
});
