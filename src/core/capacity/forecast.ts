/** When a limit will be hit, from how its use has grown lately. */
import { MINUTE_MS } from "#base/units.ts";

export interface UseSample {
  readonly atMs: number;
  readonly used: number;
}

/** A slope over less says nothing. */
const SPAN_MIN_MS = 10 * MINUTE_MS;
const SAMPLES_MIN = 5;
/** Growth over the samples that is more than chance: this many, and this share of the limit. */
const GROWTH_MIN = 5;
const GROWTH_SHARE = 0.1;

export interface Forecast {
  readonly hitsAtMs: number;
  readonly perHour: number;
}

/** Null when the limit is hit already, or when use does not grow by more than chance. */
export function forecastHit(
  samples: readonly UseSample[],
  limit: number,
  nowMs: number,
): Forecast | null {
  const first = samples[0];
  const last = samples.at(-1);
  if (first === undefined || last === undefined || samples.length < SAMPLES_MIN) return null;
  const spanMs = last.atMs - first.atMs;
  if (spanMs < SPAN_MIN_MS || last.used >= limit) return null;
  const perMs = slopeOf(samples);
  const growth = perMs * spanMs;
  if (growth < GROWTH_MIN || growth < limit * GROWTH_SHARE) return null;
  const hitsAtMs = Math.round(Math.max(nowMs, last.atMs) + (limit - last.used) / perMs);
  return { hitsAtMs, perHour: perMs * 60 * MINUTE_MS };
}

/** Least squares. */
function slopeOf(samples: readonly UseSample[]): number {
  const count = samples.length;
  const meanAt = samples.reduce((total, { atMs }) => total + atMs, 0) / count;
  const meanUsed = samples.reduce((total, { used }) => total + used, 0) / count;
  let over = 0;
  let under = 0;
  for (const { atMs, used } of samples) {
    over += (atMs - meanAt) * (used - meanUsed);
    under += (atMs - meanAt) ** 2;
  }
  return under === 0 ? 0 : over / under;
}
