/** Sessions that should not be there any more: past their limits, or nobody's. */
import { MINUTE_MS } from "#base/units.ts";
import type { Policy } from "../policy.ts";
import type { ObservedSession } from "./session.ts";

export type StandingPolicy = Pick<
  Policy,
  "sessionAgeMs" | "cullIntervalMs" | "sessionStartTimeoutMs" | "orphanAfterMs"
>;

/** What the launches say of a session. */
export type Ownership =
  /** Its launch is under way and works with it, or it was given to somebody. */
  | "owned"
  /** Its launch knows it and does not want it. */
  | "given-up"
  /** Nobody here remembers its launch: from before a restart, or long ago. */
  | "unknown";

export type Standing = "fine" | "overdue" | "orphan";

/** The culler may be late by so many of its rounds. */
const ROUNDS_LATE = 2;
/** Without a culler the limits hold all the same. */
const ROUND_MAX_MS = 1 * MINUTE_MS;

/** `activeSinceMs` as for the culler: the clock may have jumped. */
export function judgeStanding(
  session: ObservedSession,
  ownership: Ownership,
  policy: StandingPolicy,
  { activeSinceMs, nowMs }: { readonly activeSinceMs: number; readonly nowMs: number },
): Standing {
  const { record, state, lastActivityAtMs } = session;
  const { claimedAtMs } = record;
  if (state.kind === "ended" || record.purpose === null || claimedAtMs === null) return "fine";
  const lateMs = ROUNDS_LATE * Math.min(policy.cullIntervalMs, ROUND_MAX_MS);
  const endsAtMs = Math.min(record.endsAtMs, claimedAtMs + policy.sessionAgeMs);
  if (nowMs - Math.max(endsAtMs, activeSinceMs) > lateMs) return "overdue";
  if (ownership === "owned" || nowMs - claimedAtMs < policy.orphanAfterMs) return "fine";
  if (ownership === "given-up") return "orphan";
  // Our own looks count as activity while it starts; later only people do.
  const wasUsed = lastActivityAtMs - claimedAtMs > policy.sessionStartTimeoutMs;
  return wasUsed ? "fine" : "orphan";
}
