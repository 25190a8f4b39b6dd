/** Demand against supply: launches are asked for; do they end, and well? */
import { formatDuration, MINUTE_MS } from "#base/units.ts";
import type { Finding } from "../incident/finding.ts";
import type { OperatorStatus } from "../operations/status.ts";
import type { Policy } from "../policy.ts";
import { type CanaryFacts, isCanaryBad, isCanarySilent } from "./canaries.ts";
import { completions, countsOver, type LaunchWindow, troubles } from "./launch-window.ts";
import { controlSubject } from "./observed.ts";

export interface DemandMemory {
  readonly sinceMs: number;
  readonly asked: number;
  readonly completed: number;
  /** When that became more, as far as was seen; null: not yet. */
  readonly completedAtMs: number | null;
  /** When a launch was asked for after the last one that ended; null: none is missing. */
  readonly stalledSinceMs: number | null;
  readonly underWayThen: number;
}

interface DemandObserved {
  readonly status: OperatorStatus | null;
  readonly window: LaunchWindow;
  readonly canaries: CanaryFacts;
  /** Something else is known to be wrong that explains it. */
  readonly hasCulprit: boolean;
}

type DemandPolicy = Pick<
  Policy,
  "demandStallMs" | "launchFailuresMin" | "canarySilenceMs" | "canaryIntervalMs" | "opsIntervalMs"
>;

const ASKED_MIN = 2;
/** Of the launches that ended in a minute. */
const FAILURE_SHARE_MIN = 0.1;

export interface DemandDecision {
  readonly memory: DemandMemory | null;
  readonly findings: readonly Finding[];
  /** It may be: a canary now would tell. */
  readonly isSuspicious: boolean;
}

export function detectDemand(
  memory: DemandMemory | null,
  observed: DemandObserved,
  policy: DemandPolicy,
  nowMs: number,
): DemandDecision {
  const { status, window } = observed;
  if (status === null || !Number.isFinite(policy.demandStallMs))
    return { memory: null, findings: [], isSuspicious: false };
  const next = follow(memory, status, nowMs);

  const stalledMs = next.stalledSinceMs === null ? 0 : nowMs - next.stalledSinceMs;
  const isRising = status.launches.underWay > next.underWayThen;
  const asked = countsOver(window, Math.max(MINUTE_MS, policy.demandStallMs), nowMs).asked;
  const isStalled = asked >= ASKED_MIN && isRising && stalledMs >= policy.demandStallMs;
  const stall =
    (isStalled ? stallFinding(next, observed, policy, nowMs) : null) ??
    hushFinding(next, observed, policy, nowMs);
  const failing = stall === null ? failingFinding(window, policy, nowMs) : null;
  return {
    memory: next,
    findings: [stall, failing].filter((finding) => finding !== null),
    isSuspicious: isRising && stalledMs >= policy.demandStallMs / 3,
  };
}

function follow(memory: DemandMemory | null, status: OperatorStatus, nowMs: number): DemandMemory {
  const { launches, sinceMs } = status;
  const completed = completions(launches);
  const hasProgress = memory === null || memory.sinceMs !== sinceMs || memory.completed < completed;
  const completedAtMs = hasProgress && completed > 0 ? nowMs : (memory?.completedAtMs ?? null);
  const base = { sinceMs, asked: launches.asked, completed, completedAtMs };
  if (hasProgress || launches.underWay === 0)
    return { ...base, stalledSinceMs: null, underWayThen: launches.underWay };
  if (memory.stalledSinceMs !== null || launches.asked === memory.asked)
    return { ...memory, ...base };
  const underWayThen = Math.min(memory.underWayThen, launches.underWay - 1);
  return { ...base, stalledSinceMs: nowMs, underWayThen };
}

/** The canary is told nothing, and since then nothing else ended: few people need not notice first. */
function hushFinding(
  { completedAtMs }: DemandMemory,
  { canaries: { launch }, hasCulprit, status }: DemandObserved,
  policy: DemandPolicy,
  nowMs: number,
): Finding | null {
  const { heardAtMs } = launch;
  if (hasCulprit || status === null || heardAtMs === null) return null;
  if (!isCanarySilent(launch, policy, nowMs)) return null;
  // What ended was seen to end a look later.
  if (completedAtMs !== null && completedAtMs > heardAtMs + policy.opsIntervalMs) return null;
  // Whoever waits for a place is told so seldom.
  if (status.seats.waiting > 0 || status.capacity.pending > 0) return null;
  const { underWay } = status.launches;
  const forMs = formatDuration(nowMs - heardAtMs);
  const evidence = `the canary is told nothing for ${forMs}, and none of ${underWay} launches under way ended meanwhile`;
  return wedged(evidence, heardAtMs);
}

function stallFinding(
  { stalledSinceMs }: DemandMemory,
  { canaries, hasCulprit, status, window }: DemandObserved,
  policy: DemandPolicy,
  nowMs: number,
): Finding | null {
  if (status === null || stalledSinceMs === null) return null;
  const { longestSilenceMs, underWay } = status.launches;
  const forMs = nowMs - stalledSinceMs;
  const asked = countsOver(window, Math.max(MINUTE_MS, forMs), nowMs).asked;
  const facts = `${asked} launches asked for, ${underWay} under way, none ended in ${formatDuration(forMs)}`;
  if (policy.canaryIntervalMs > 0) {
    // A canary that works is a launch that ended: then nothing is stalled.
    if (!isCanaryBad(canaries.launch, policy, nowMs)) return null;
    const evidence = `${facts}; the canary is ${canaries.launch.reds > 0 ? "red" : "silent"} too`;
    if (!hasCulprit) return wedged(evidence, stalledSinceMs);
    return failing(evidence, stalledSinceMs);
  }
  // Builds are long and say so; a launch that is seated and silent for as long is not one of them.
  if (longestSilenceMs < policy.demandStallMs) return null;
  return failing(
    `${facts}; the longest silence is ${formatDuration(longestSilenceMs)}`,
    stalledSinceMs,
  );
}

function failingFinding(window: LaunchWindow, policy: DemandPolicy, nowMs: number): Finding | null {
  const counts = countsOver(window, MINUTE_MS, nowMs);
  const bad = troubles(counts);
  const judged = counts.ready + counts.failedByPlatform;
  if (bad < policy.launchFailuresMin || bad < judged * FAILURE_SHARE_MIN) return null;
  const evidence = `${bad} of ${judged} launches in the last minute failed or needed another start`;
  return failing(evidence, nowMs - MINUTE_MS);
}

function wedged(evidence: string, sinceMs: number): Finding {
  return { cause: "control-wedged", subject: controlSubject, severity: "act", evidence, sinceMs };
}

function failing(evidence: string, sinceMs: number): Finding {
  const subject = { kind: "cluster", name: "launches" } as const;
  return { cause: "launches-failing", subject, severity: "act", evidence, sinceMs };
}
