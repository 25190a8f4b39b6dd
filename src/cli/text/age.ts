/** Times as tables show them. */
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "#base/units.ts";

const DAY_MS = 24 * HOUR_MS;

/** The largest unit alone: `40 s`, `5 min`, `3 h`, `2 d`. Negative times are none. */
export function age(durationMs: number): string {
  const ms = Math.max(0, durationMs);
  if (ms < MINUTE_MS) return `${Math.floor(ms / SECOND_MS)} s`;
  if (ms < HOUR_MS) return `${Math.floor(ms / MINUTE_MS)} min`;
  if (ms < 2 * DAY_MS) return `${Math.floor(ms / HOUR_MS)} h`;
  return `${Math.floor(ms / DAY_MS)} d`;
}
