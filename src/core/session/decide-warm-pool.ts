/** How many servers wait for people: within a budget, and never at the expense of people. */
import type { ObservedSession, SessionId } from "./session.ts";

export interface WarmPoolPolicy {
  readonly warmServersMax: number;
  readonly warmServerAgeMs: number;
  readonly warmFreeMemoryMinBytes: number;
  readonly sessionsMax: number;
}

export interface WarmPoolObserved {
  /** Sessions without a purpose. */
  readonly warm: readonly ObservedSession[];
  /** Builds that run or wait, and launches that wait for a seat or start: people go first. */
  readonly peopleWaiting: number;
  readonly freeMemoryBytes: number;
}

export interface WarmPoolDecision {
  readonly start: number;
  readonly stop: readonly SessionId[];
  /** Why nothing is started although the pool is not full, or null. */
  readonly brake: string | null;
}

export function decideWarmPool(
  observed: WarmPoolObserved,
  policy: WarmPoolPolicy,
  nowMs: number,
): WarmPoolDecision {
  const stop: SessionId[] = [];
  let kept = 0;
  for (const { record, state } of observed.warm) {
    const isOld = nowMs - record.createdAtMs >= policy.warmServerAgeMs;
    if (state.kind === "ended" || isOld || kept >= policy.warmServersMax) stop.push(record.id);
    else kept += 1;
  }
  const missing = policy.warmServersMax - kept;
  const brake = brakeOf(observed, policy);
  return {
    start: brake === null ? Math.max(0, missing) : 0,
    stop,
    brake: missing > 0 ? brake : null,
  };
}

function brakeOf(observed: WarmPoolObserved, policy: WarmPoolPolicy): string | null {
  if (observed.peopleWaiting > 0) return `${observed.peopleWaiting} people wait`;
  if (observed.freeMemoryBytes < policy.warmFreeMemoryMinBytes) return "memory is short";
  return null;
}
