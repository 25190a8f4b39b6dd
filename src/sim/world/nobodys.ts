/** Sessions that should not be there: nobody waits for them, or nobody has used them for too long. */
import { MINUTE_MS } from "#base/units.ts";
import type { SessionPod } from "./pods.ts";

/** The culler comes round once a minute, and a stop takes a moment. */
const LATE_MS = 2 * MINUTE_MS;

export interface NobodysFacts {
  readonly nowMs: number;
  readonly lastActivityMs: number;
  /** The launch for which it was made goes on. */
  readonly isAwaited: boolean;
}

export function isNobodys(
  { record, role, useUntilMs }: Pick<SessionPod, "record" | "role" | "useUntilMs">,
  { isAwaited, lastActivityMs, nowMs }: NobodysFacts,
): boolean {
  // Warm servers are for whoever comes.
  if (record.purpose === null) return false;
  if (role === "canary") return nowMs - record.createdAtMs > LATE_MS;
  if (useUntilMs === null) return !isAwaited;
  return record.idleLimitMs > 0 && nowMs - lastActivityMs > record.idleLimitMs + LATE_MS;
}
