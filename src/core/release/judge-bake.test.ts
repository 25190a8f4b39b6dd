/** The bake: what speaks against a release, and what does not. */
import { describe, expect, it } from "vitest";
import { KIB, MIB, MINUTE_MS, SECOND_MS } from "#base/units.ts";
import { DEFAULT_POLICY } from "../policy.ts";
import { BAKE_SAMPLE_MS, type BakeSample, judgeBake } from "./judge-bake.ts";

const DEPLOYED_MS = 100 * MINUTE_MS;

interface Life {
  readonly memory?: (launches: number, ageMs: number) => number;
  readonly handles?: (launches: number) => number;
  readonly lagMs?: number;
  readonly stops?: number;
  readonly refused?: number;
  readonly firstTry?: number;
}

/** Samples of so many minutes with 4 launches each. */
function life(minutes: number, fromMs: number, of: Life = {}): BakeSample[] {
  const samples: BakeSample[] = [];
  for (let ageMs = 0; ageMs <= minutes * MINUTE_MS; ageMs += BAKE_SAMPLE_MS) {
    const launches = Math.floor((ageMs / MINUTE_MS) * 4);
    const share = ageMs / MINUTE_MS;
    samples.push({
      atMs: fromMs + ageMs,
      sinceMs: fromMs,
      launches,
      ready: launches,
      readyFirstTry: Math.floor(launches * (of.firstTry ?? 1)),
      failedByPlatform: 0,
      stops: Math.floor((of.stops ?? 4) * share),
      stopsRefused: Math.floor((of.refused ?? 0) * share),
      parts: [
        {
          name: "control-1",
          startedAtMs: fromMs,
          memoryBytes: of.memory?.(launches, ageMs) ?? 200 * MIB,
          handles: of.handles?.(launches) ?? 300,
          loopLagMs: of.lagMs ?? 5,
        },
      ],
    });
  }
  return samples;
}

const before = life(15, DEPLOYED_MS - 16 * MINUTE_MS);
const judge = (samples: readonly BakeSample[], old: readonly BakeSample[] = before) =>
  judgeBake(
    [...old, ...samples],
    DEPLOYED_MS,
    DEFAULT_POLICY,
    (samples.at(-1)?.atMs ?? DEPLOYED_MS) + SECOND_MS,
  );
const leaking = { memory: (launches: number) => 200 * MIB + launches * MIB };

describe("judgeBake", () => {
  it.each<[string, number, Life]>([
    ["all is well", 20, {}],
    ["memory grows, but too little", 20, { memory: (n) => 200 * MIB + n * 100 * KIB }],
    [
      "memory grows at the start only",
      20,
      { memory: (_, ms) => (200 + Math.min(60, ms / 3_000)) * MIB },
    ],
    ["memory saws", 20, { memory: (_, ms) => (200 + ((ms / 1_000) % 90)) * MIB }],
    ["it leaks, but too few launches have been", 3, leaking],
    ["few stops are refused", 2, { stops: 100, refused: 9 }],
    ["one start in fifty needs a second try", 20, { firstTry: 0.98 }],
    ["the loop lags a little", 5, { lagMs: 150 }],
  ])("says nothing when %s", (_what, minutes, of) => {
    expect(judge(life(minutes, DEPLOYED_MS, of))).toBeNull();
  });

  it.each<[string, number, Life, RegExp]>([
    ["1 MiB per launch, within 10 min", 8, leaking, /control-1 keeps 1 MiB of memory per launch/],
    ["handles", 8, { handles: (n) => 300 + 3 * n }, /keeps 3\.0 handles per launch/],
    [
      "a flood of refused stops, within a minute",
      0.5,
      { stops: 3_000, refused: 3_000 },
      /stops of sessions were refused/,
    ],
    ["a loop that lags", 1, { lagMs: 400 }, /event loop has lagged by 400 ms/],
    ["second tries", 10, { firstTry: 0.5 }, /only 20 of 40 launches/],
  ])("finds %s", (_what, minutes, of, says) => {
    expect(judge(life(minutes, DEPLOYED_MS, of))).toMatch(says);
  });

  it.each<[string, Life]>([
    ["leaks", leaking],
    ["has its stops refused", { stops: 3_000, refused: 3_000 }],
    ["lags", { lagMs: 400 }],
    ["needs second tries", { firstTry: 0.5 }],
  ])("does not blame it for what the one before did too: it %s", (_what, of) => {
    const old = life(15, DEPLOYED_MS - 16 * MINUTE_MS, of);
    expect(judge(life(10, DEPLOYED_MS, of), old)).toBeNull();
  });

  it("finds silence", () => {
    const samples = life(2, DEPLOYED_MS);
    const nowMs = DEPLOYED_MS + 3 * MINUTE_MS + SECOND_MS;
    const judged = judgeBake([...before, ...samples], DEPLOYED_MS, DEFAULT_POLICY, nowMs);
    expect(judged).toContain("has not answered for 1 min");
    expect(judgeBake(before, DEPLOYED_MS, DEFAULT_POLICY, DEPLOYED_MS + SECOND_MS)).toBeNull();
  });

  it("begins again when the process was restarted", () => {
    const old = life(8, DEPLOYED_MS, { ...leaking, refused: 100 });
    expect(judge([...old, ...life(1, DEPLOYED_MS + 9 * MINUTE_MS)])).toBeNull();
  });
});
