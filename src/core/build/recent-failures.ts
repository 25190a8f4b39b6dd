/** Failures of builds that count still: the latest, within a window. */
import { MINUTE_MS } from "#base/units.ts";

export const RECENT_MS = 10 * MINUTE_MS;
const KEPT_MAX = 500;

interface Failed {
  readonly atMs: number;
}

/** Those that count still, with the new one; as many as are kept. */
export function addFailure<T extends Failed>(failures: readonly T[], added: T): readonly T[] {
  return [...failures.filter((one) => isRecent(one, added.atMs)), added].slice(-KEPT_MAX);
}

export function isRecent({ atMs }: Failed, nowMs: number): boolean {
  return nowMs - atMs < RECENT_MS;
}
