/** Demand against supply, as a table of minutes. */
import { describe, expect, it } from "vitest";
import { SECOND_MS } from "#base/units.ts";
import { canaryHeard, canaryEnded, NO_CANARIES } from "./canaries.ts";
import { detectDemand, type DemandDecision } from "./detect-demand.ts";
import { EMPTY_WINDOW, noteCounts } from "./launch-window.ts";
import { launches, status } from "./observed-in-tests.ts";

const policy = {
  demandStallMs: 30 * SECOND_MS,
  launchFailuresMin: 3,
  canarySilenceMs: 20 * SECOND_MS,
  canaryIntervalMs: 60 * SECOND_MS,
  incidentFirstTryMin: 0.99,
  opsIntervalMs: 5 * SECOND_MS,
};

type At = (second: number) => Parameters<typeof launches>[0];

interface Case {
  readonly counts: At;
  readonly canary?: "green" | "red" | "silent";
  readonly culprit?: boolean;
  readonly policy?: Partial<typeof policy>;
}

const RED = { kind: "launch", isGreen: false, durationMs: 1, node: null, because: null } as const;

function canariesOf(kind: Case["canary"]) {
  if (kind === "red") return canaryEnded(NO_CANARIES, RED, 0);
  return kind === "silent" ? canaryHeard(NO_CANARIES, "launch", 0) : NO_CANARIES;
}

/** A look every 5 s for two minutes; what the last one said, and whether any was suspicious. */
function run({ canary, counts, culprit, policy: change }: Case) {
  let decision: DemandDecision = { memory: null, findings: [], isSuspicious: false };
  let window = EMPTY_WINDOW;
  let wasSuspicious = false;
  const used = { ...policy, ...change };
  for (let second = 0; second <= 120; second += 5) {
    const nowMs = second * SECOND_MS;
    const look = status({ launches: launches(counts(second)) });
    window = noteCounts(window, look, used, nowMs);
    const canaries = canariesOf(canary);
    const given = { status: look, window, canaries, hasCulprit: culprit ?? false };
    decision = detectDemand(decision.memory, given, used, nowMs);
    wasSuspicious ||= decision.isSuspicious;
  }
  return { causes: decision.findings.map(({ cause }) => cause), wasSuspicious };
}

/** Two a minute are asked for; none ends. */
const stuck: At = (second) => ({
  asked: Math.floor(second / 30),
  underWay: Math.floor(second / 30),
  longestSilenceMs: second * SECOND_MS,
});
/** Each is ready within 5 s. */
const well: At = (second) => {
  const ready = Math.floor(second / 30);
  return { asked: ready, ready, readyFirstTry: ready };
};
/** Slow ones: always two under way, and one ends every 30 s. */
const slow: At = (second) => ({ ...well(second), asked: Math.floor(second / 30) + 2, underWay: 2 });

describe("demand against supply", () => {
  it.each<[string, Case, readonly string[], boolean]>([
    ["all is well", { counts: well }, [], false],
    ["slow but steady", { counts: slow, canary: "silent" }, [], false],
    [
      "a canary is silent and nobody else is there",
      { counts: () => ({}), canary: "silent" },
      ["control-wedged"],
      false,
    ],
    [
      "a canary is silent and something explains it",
      { counts: () => ({}), canary: "silent", culprit: true },
      [],
      false,
    ],
    [
      "nothing ends and the canary is silent",
      { counts: stuck, canary: "silent" },
      ["control-wedged"],
      true,
    ],
    [
      "nothing ends and the canary is red",
      { counts: stuck, canary: "red" },
      ["control-wedged"],
      true,
    ],
    [
      "nothing ends but something else explains it",
      { counts: stuck, canary: "red", culprit: true },
      ["launches-failing"],
      true,
    ],
    ["long builds, while canaries work", { counts: stuck, canary: "green" }, [], true],
    [
      "nothing ends where there are no canaries",
      { counts: stuck, policy: { canaryIntervalMs: 0 } },
      ["launches-failing"],
      true,
    ],
    [
      "long builds that say so, without canaries",
      {
        counts: (second) => ({ ...stuck(second), longestSilenceMs: 0 }),
        policy: { canaryIntervalMs: 0 },
      },
      [],
      true,
    ],
    ["one launch alone", { counts: () => ({ asked: 1, underWay: 1 }), canary: "red" }, [], false],
    [
      "switched off",
      { counts: stuck, canary: "red", policy: { demandStallMs: Number.POSITIVE_INFINITY } },
      [],
      false,
    ],
    [
      "many fail",
      { counts: (second) => ({ asked: second, failedByPlatform: Math.floor(second / 15) }) },
      ["launches-failing"],
      false,
    ],
    [
      "a few of very many fail",
      {
        counts: (second) => ({
          asked: second * 10,
          ready: second * 10,
          readyFirstTry: second * 10 - Math.floor(second / 15),
        }),
      },
      [],
      false,
    ],
    [
      "many need another start",
      { counts: (second) => ({ asked: second, ready: Math.floor(second / 5) }) },
      ["launches-failing"],
      false,
    ],
    [
      "repositories fail by themselves",
      { counts: (second) => ({ asked: second, failedOtherwise: second }) },
      [],
      false,
    ],
  ])("%s", (_, given, causes, isSuspicious) => {
    expect(run(given)).toEqual({ causes, wasSuspicious: isSuspicious });
  });
});
