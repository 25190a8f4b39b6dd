/** Watches servers that start: looked at from outside once they listen, asked about while they do not. */
import { SECOND_MS } from "#base/units.ts";
import type { LaunchAnswer, LaunchDecision, ProbingStage, Try } from "./launch-stage.ts";
import { stepEndsAtMs } from "./look-at-try.ts";
import { hedgeAtMs, type StartContext } from "./start-context.ts";
import { tellStart } from "./tell-start.ts";
import { type Alive, nearestOf } from "./tries.ts";

const LOOK_MAX_MS = 5 * SECOND_MS;
/** Between two looks from outside, at most: a tenth of the time that has passed. */
const PROBE_GROWTH = 0.1;
const PROBE_INTERVAL_MAX_MS = 5 * SECOND_MS;
/** A look that is cut short, because something else is due, has at least so long. */
const PROBE_MIN_MS = 100;

export function watch(
  context: StartContext,
  before: ProbingStage,
  alive: readonly Alive[],
  answer: LaunchAnswer | null,
): LaunchDecision {
  const { nowMs, observed, policy } = context;
  const nearest = nearestOf(before.tries);
  const { events, nextAtMs, told } = tellStart(nearest, before, observed, nowMs);
  const stage = { ...before, told };
  const dueAtMs = dueAt(context, stage);
  const listening = alive.filter(({ session }) => session.state.kind === "running");
  if (listening.length > 0 && answer?.kind !== "probed") {
    const sessions = listening.map(({ session: { record } }) => ({
      id: record.id,
      token: record.token,
    }));
    const limitMs = Math.max(PROBE_MIN_MS, Math.min(policy.probeTimeoutMs, dueAtMs - nowMs));
    return { stage, events, action: { kind: "probe", sessions, limitMs } };
  }
  // The driver is asked only in case a hint was lost.
  const isAnyDeaf = listening.length < alive.length && Number.isFinite(policy.launchLookMs);
  if (isAnyDeaf && nowMs >= stage.lookAtMs) return { ...look(context, stage), events };
  let untilMs = Math.min(dueAtMs, nextAtMs);
  if (isAnyDeaf) untilMs = Math.min(untilMs, stage.lookAtMs);
  if (listening.length > 0) untilMs = Math.min(untilMs, nowMs + probeDelayMs(context, nearest));
  return { stage, events, action: { kind: "wait", untilMs } };
}

export function look({ nowMs, policy }: StartContext, stage: ProbingStage): LaunchDecision {
  const elapsedMs = nowMs - nearestOf(stage.tries).sinceMs;
  const delayMs = Math.max(policy.launchLookMs, Math.min(LOOK_MAX_MS, elapsedMs / 2));
  const sessionIds = stage.tries.map(({ sessionId }) => sessionId);
  return {
    stage: { ...stage, lookAtMs: nowMs + delayMs },
    events: [],
    action: { kind: "look", sessionIds },
  };
}

function probeDelayMs({ nowMs, policy }: StartContext, { sinceMs }: Try): number {
  const grownMs = Math.min(PROBE_INTERVAL_MAX_MS, (nowMs - sinceMs) * PROBE_GROWTH);
  return Math.max(policy.probeIntervalMs, grownMs);
}

/** When one of them is given up, or gets a rival. */
function dueAt(context: StartContext, { ground, tries }: ProbingStage): number {
  let dueAtMs = Number.POSITIVE_INFINITY;
  for (const one of tries) {
    dueAtMs = Math.min(dueAtMs, stepEndsAtMs(one, context.policy));
    if (ground !== null && tries.length === 1) {
      dueAtMs = Math.min(dueAtMs, hedgeAtMs(context, one));
    }
  }
  return dueAtMs;
}
