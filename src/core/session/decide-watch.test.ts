/** Tables for hints that stop coming, stops that are refused, and sessions that should not be there. */
import { describe, expect, it } from "vitest";
import { MINUTE_MS } from "#base/units.ts";
import { decideStopRate } from "./decide-stop-rate.ts";
import { decideWatch, WATCH_IS_FINE, type WatchState } from "./decide-watch.ts";
import { judgeStanding, type Ownership, type Standing } from "./judge-standing.ts";
import type { ObservedSession } from "./session.ts";

describe("decideWatch", () => {
  const policy = { watchAgeMaxMs: 30_000, resyncIntervalMs: 15_000 };
  const frozen: WatchState = { untoldLists: 2, cleanLists: 0, frozenSinceMs: 70_000 };
  const once: WatchState = { ...WATCH_IS_FINE, untoldLists: 1 };
  const seen = (untold: number, watchAgeMs: number, wasHinted = true) => ({
    untold,
    watchAgeMs,
    wasHinted,
  });
  it.each<
    [
      string,
      WatchState,
      ReturnType<typeof seen>,
      { isFrozen: boolean; isRenewed: boolean; ms: number },
    ]
  >([
    ["all is well", WATCH_IS_FINE, seen(0, 0), { isFrozen: false, isRenewed: false, ms: 15_000 }],
    [
      "quiet is no fault",
      WATCH_IS_FINE,
      seen(0, 900_000, false),
      { isFrozen: false, isRenewed: false, ms: 15_000 },
    ],
    [
      "once is an accident, looked into soon",
      WATCH_IS_FINE,
      seen(3, 1_000),
      { isFrozen: false, isRenewed: false, ms: 5_000 },
    ],
    [
      "twice in a row is none",
      once,
      seen(1, 1_000),
      { isFrozen: true, isRenewed: true, ms: 5_000 },
    ],
    [
      "nor is once after a long silence",
      WATCH_IS_FINE,
      seen(1, 31_000, false),
      { isFrozen: true, isRenewed: true, ms: 5_000 },
    ],
    [
      "frozen still: asked anew once more",
      frozen,
      seen(1, 2_000),
      { isFrozen: true, isRenewed: true, ms: 5_000 },
    ],
    [
      "one clean list is not enough",
      frozen,
      seen(0, 2_000),
      { isFrozen: true, isRenewed: false, ms: 5_000 },
    ],
    [
      "two are",
      { ...frozen, cleanLists: 1 },
      seen(0, 2_000),
      { isFrozen: false, isRenewed: false, ms: 15_000 },
    ],
  ])("%s", (_title, state, observed, expected) => {
    const { isRenewed, next, nextListMs } = decideWatch(state, observed, policy, 100_000);
    const isFrozen = next.frozenSinceMs !== null;
    expect({ isFrozen, isRenewed, ms: nextListMs }).toEqual(expected);
  });

  it("forgets one accident when hints came, and remembers it while there is nothing to learn", () => {
    expect(decideWatch(once, seen(0, 0, true), policy, 0).next.untoldLists).toBe(0);
    expect(decideWatch(once, seen(0, 9_000, false), policy, 0).next.untoldLists).toBe(1);
  });

  it("can be switched off", () => {
    const off = { ...policy, watchAgeMaxMs: 0 };
    expect(decideWatch(frozen, seen(9, 900_000), off, 0).isRenewed).toBe(false);
  });
});

describe("decideStopRate", () => {
  it.each<[string, number, number, number, boolean]>([
    ["nothing was asked", 0, 0, 20, false],
    ["a few refusals say nothing", 9, 9, 20, false],
    ["a tenth may be refused", 100, 10, 20, false],
    ["a few that hung together say nothing", 10, 4, 20, false],
    ["more trips it", 100, 11, 1, true],
  ])("%s", (_title, asked, refused, perSecondMax, isTripped) => {
    const decided = decideStopRate({ asked, refused }, { cullStopsPerSecondMax: 20 });
    expect(decided).toEqual({ perSecondMax, isTripped });
  });
});

describe("judgeStanding", () => {
  const policy = {
    sessionAgeMs: 360 * MINUTE_MS,
    cullIntervalMs: 1 * MINUTE_MS,
    sessionStartTimeoutMs: 1 * MINUTE_MS,
    orphanAfterMs: 2 * MINUTE_MS,
  };
  const session = (state: "starting" | "running" | "ended", usedMs = 0, isWarm = false) =>
    ({
      record: {
        id: "s",
        purpose: isWarm ? null : {},
        claimedAtMs: isWarm ? null : 0,
        endsAtMs: 60 * MINUTE_MS,
      },
      state: { kind: state },
      lastActivityAtMs: usedMs,
    }) as unknown as ObservedSession;
  it.each<[string, ObservedSession, Ownership, number, Standing]>([
    ["one with an owner is fine", session("running"), "owned", 50 * MINUTE_MS, "fine"],
    [
      "one whose launch is unknown is given time",
      session("starting"),
      "unknown",
      1 * MINUTE_MS,
      "fine",
    ],
    ["and then it is nobody's", session("starting"), "unknown", 2 * MINUTE_MS, "orphan"],
    [
      "one that runs and was never used is nobody's",
      session("running", 50_000),
      "unknown",
      2 * MINUTE_MS,
      "orphan",
    ],
    [
      "one that was used has a person",
      session("running", 2 * MINUTE_MS),
      "unknown",
      9 * MINUTE_MS,
      "fine",
    ],
    [
      "one that its launch gave up is nobody's, used or not",
      session("running", 2 * MINUTE_MS),
      "given-up",
      9 * MINUTE_MS,
      "orphan",
    ],
    ["the culler may be late", session("running"), "owned", 62 * MINUTE_MS, "fine"],
    ["but not by more than two rounds", session("running"), "owned", 62 * MINUTE_MS + 1, "overdue"],
    ["one that ended is nobody's business", session("ended"), "unknown", 99 * MINUTE_MS, "fine"],
    ["a warm server is the pool's", session("running", 0, true), "unknown", 99 * MINUTE_MS, "fine"],
  ])("%s", (_title, observed, ownership, nowMs, standing) => {
    expect(judgeStanding(observed, ownership, policy, { activeSinceMs: 0, nowMs })).toBe(standing);
  });
});
