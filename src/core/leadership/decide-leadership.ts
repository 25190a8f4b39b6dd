/** Decides whether to lead: never two with a lease that holds, and no clock is compared with another's. */
import type { Policy } from "../policy.ts";
import type { LeaseRecord } from "./lease.ts";

export interface LeadershipState {
  readonly isLeading: boolean;
  /** Of the lease as last read, and when *this* process first saw it so. */
  readonly seen: { readonly version: string | null; readonly atMs: number } | null;
  /** When the last renewal that succeeded was *asked for*; null: none yet. */
  readonly heldSinceMs: number | null;
}

export const NOT_LEADING: LeadershipState = { isLeading: false, seen: null, heldSinceMs: null };

/** Null: the store does not answer. */
export type LeaseLook = {
  readonly version: string | null;
  readonly record: LeaseRecord | null;
} | null;

export interface LeadershipDecision {
  readonly next: LeadershipState;
  /** To be written at the version that was read. */
  readonly write: LeaseRecord | null;
  readonly hasToStepDown: boolean;
}

type LeasePolicy = Pick<Policy, "leaderLeaseMs">;

/** A leader that could not renew for so long does not decide any more. */
export function leadsUntilMs(state: LeadershipState, policy: LeasePolicy): number {
  if (!state.isLeading || state.heldSinceMs === null) return Number.NEGATIVE_INFINITY;
  return state.heldSinceMs + (policy.leaderLeaseMs * 2) / 3;
}

/** `nowMs` is of the clock that never jumps. */
export function decideLeadership(
  state: LeadershipState,
  look: LeaseLook,
  me: string,
  policy: LeasePolicy,
  nowMs: number,
): LeadershipDecision {
  const isOverdue = state.isLeading && nowMs >= leadsUntilMs(state, policy);
  const kept: LeadershipState = isOverdue ? { ...NOT_LEADING, seen: state.seen } : state;
  if (look === null) return { next: kept, write: null, hasToStepDown: isOverdue };

  const isNew = kept.seen === null || kept.seen.version !== look.version;
  const seen = isNew || kept.seen === null ? { version: look.version, atMs: nowMs } : kept.seen;
  const { record } = look;
  const isMine = record?.holder === me;
  if (kept.isLeading && !isMine)
    return { next: { ...NOT_LEADING, seen }, write: null, hasToStepDown: true };

  const next = { ...kept, seen };
  const isFree = record === null || record.holder === null || isMine;
  const hasEnded = nowMs - seen.atMs >= policy.leaderLeaseMs;
  if (!isFree && !hasEnded) return { next, write: null, hasToStepDown: isOverdue };
  const write = kept.isLeading ? renewed(record, me) : taken(record, me);
  return { next, write, hasToStepDown: isOverdue };
}

/** After a write that was asked for at `askedAtMs` and gave this version. */
export function held(state: LeadershipState, version: string, askedAtMs: number): LeadershipState {
  return { ...state, isLeading: true, seen: { version, atMs: askedAtMs }, heldSinceMs: askedAtMs };
}

function renewed(record: LeaseRecord | null, me: string): LeaseRecord {
  return { holder: me, term: record?.term ?? 1, renewals: (record?.renewals ?? 0) + 1 };
}

function taken(record: LeaseRecord | null, me: string): LeaseRecord {
  return { holder: me, term: (record?.term ?? 0) + 1, renewals: 0 };
}
