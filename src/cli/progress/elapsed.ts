/** Time as progress shows it: of constant width, so that nothing jumps. */
import { MINUTE_MS, SECOND_MS } from "#base/units.ts";

/** `0.4 s`, `59.9 s`, `1:00`, `12:34`. */
export function elapsed(durationMs: number): string {
  const tenths = Math.floor(durationMs / 100) / 10;
  if (durationMs < MINUTE_MS) return `${tenths.toFixed(1)} s`;
  const seconds = Math.floor(durationMs / SECOND_MS);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
