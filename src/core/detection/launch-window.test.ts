/** Counters of launches over the last minutes. */
import { describe, expect, it } from "vitest";
import { MINUTE_MS, SECOND_MS } from "#base/units.ts";
import {
  countsOver,
  EMPTY_WINDOW,
  launchesAsked,
  type LaunchWindow,
  noteCounts,
} from "./launch-window.ts";
import { launches } from "./observed-in-tests.ts";

const policy = { incidentFirstTryMin: 0.99 };
const STEP_MS = 5 * SECOND_MS;

type Counts = Parameters<typeof launches>[0];

/** One look every five seconds. */
function looks(counts: readonly (Counts | null)[], sinceMs = 0, from: LaunchWindow = EMPTY_WINDOW) {
  let window = from;
  let nowMs = (from.samples.at(-1)?.atMs ?? -STEP_MS) + STEP_MS;
  for (const change of counts) {
    const status = change === null ? null : { sinceMs, launches: launches(change) };
    window = noteCounts(window, status, policy, nowMs);
    nowMs += STEP_MS;
  }
  return window;
}

describe("the window of launches", () => {
  it("leaves out what was counted before the watch began", () => {
    const window = looks([{ asked: 100 }, { asked: 103 }]);
    expect(countsOver(window, MINUTE_MS, STEP_MS).asked).toBe(3);
  });

  it("goes on when a restart sets the counters back", () => {
    const before = looks([{ asked: 100 }, { asked: 110 }]);
    const after = looks([{ asked: 4 }, { asked: 5 }], 7_000, before);
    expect(launchesAsked(after)).toBe(15);
  });

  it("holds no more than its minutes", () => {
    const window = looks(Array.from({ length: 1_000 }, (_, asked) => ({ asked })));
    expect(window.samples.length).toBeLessThanOrEqual(62);
    expect(countsOver(window, MINUTE_MS, 999 * STEP_MS).asked).toBe(12);
  });

  it.each<[string, readonly (Counts | null)[], boolean]>([
    ["no launches at all", [{}, {}], true],
    ["all ready at once", [{}, { ready: 5, readyFirstTry: 5 }], true],
    ["one of a few failed", [{}, { ready: 5, readyFirstTry: 5, failedByPlatform: 1 }], false],
    ["one of a few needed two starts", [{}, { ready: 5, readyFirstTry: 4 }], false],
    ["one of 200 failed", [{}, { ready: 199, readyFirstTry: 199, failedByPlatform: 1 }], true],
    ["a repository's own failure", [{}, { failedOtherwise: 3 }], true],
    ["a control plane that is silent", [{}, null], false],
  ])("is good or not: %s", (_, counts, isGood) => {
    expect(looks(counts).goodSinceMs !== null).toBe(isGood);
  });
});
