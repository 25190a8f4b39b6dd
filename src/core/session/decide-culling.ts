/** Which sessions have to end: nobody used them for long, or they are as old as they may get. */
import type { ObservedSession, SessionId } from "./session.ts";

export interface CullingPolicy {
  readonly sessionAgeMs: number;
}

export interface Culling {
  readonly id: SessionId;
  readonly end: "idle" | "age";
  /** What the decision rests on, for the audit. */
  readonly because: string;
}

/**
 * `activeSinceMs` is the earliest moment from which idleness may be counted: the control plane moves
 * it forward after the clock jumped, so that a suspended laptop does not end every session.
 */
export function decideCulling(
  sessions: Iterable<ObservedSession>,
  policy: CullingPolicy,
  activeSinceMs: number,
  nowMs: number,
): readonly Culling[] {
  const cullings: Culling[] = [];
  for (const { record, state, lastActivityAtMs } of sessions) {
    if (state.kind === "ended" || record.claimedAtMs === null) continue;
    const endsAtMs = Math.min(record.endsAtMs, record.claimedAtMs + policy.sessionAgeMs);
    const idleMs = nowMs - Math.max(lastActivityAtMs, activeSinceMs);
    if (nowMs >= endsAtMs) {
      cullings.push({ id: record.id, end: "age", because: `its end was at ${endsAtMs}` });
    } else if (idleMs >= record.idleLimitMs) {
      cullings.push({ id: record.id, end: "idle", because: `no activity for ${idleMs} ms` });
    }
  }
  return cullings;
}
