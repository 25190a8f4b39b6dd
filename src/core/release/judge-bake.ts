/** Judges a release in production by slopes and shares, long before people feel what it does. */
import { MINUTE_MS, SECOND_MS, formatBytes, formatDuration } from "#base/units.ts";
import type { Policy } from "../policy.ts";
import { ratio, slopeOf, type Point } from "./slope.ts";

/** What was seen of production at one moment; counters begin again when `sinceMs` changes. */
export interface BakeSample {
  readonly atMs: number;
  readonly sinceMs: number;
  readonly launches: number;
  readonly ready: number;
  readonly readyFirstTry: number;
  readonly failedByPlatform: number;
  readonly stops: number;
  readonly stopsRefused: number;
  readonly parts: readonly BakePart[];
}

export interface BakePart {
  readonly name: string;
  readonly startedAtMs: number;
  readonly memoryBytes: number | null;
  readonly handles: number | null;
  readonly loopLagMs: number | null;
}

export const BAKE_SAMPLE_MS = 10 * SECOND_MS;
/** As much before a deployment is kept, to compare with. */
export const BAKE_BEFORE_MS = 15 * MINUTE_MS;

/** A process that has just begun grows without being ill. */
const WARM_UP_MS = 1 * MINUTE_MS;
const LAUNCHES_MIN = 20;
const LEAK_CORRELATION_MIN = 0.9;
const RATE_WINDOW_MS = 1 * MINUTE_MS;
const STOPS_MIN = 10;
const LAG_SAMPLES = 3;
const LAG_GROWTH_MIN = 2;
const STARTS_MIN = 10;
const SECOND_TRIES_MIN = 3;
const FIRST_TRY_DROP_MIN = 0.02;
const SILENCE_MAX_MS = 1 * MINUTE_MS;

/** Null: nothing speaks against it. `samples` are in order of time, `sinceMs` is when it went to production. */
export function judgeBake(
  samples: readonly BakeSample[],
  sinceMs: number,
  policy: Policy,
  nowMs: number,
): string | null {
  const before = continuous(samples.filter(({ atMs }) => atMs < sinceMs));
  const after = continuous(samples.filter(({ atMs }) => atMs >= sinceMs));
  return (
    silence(after, sinceMs, nowMs) ??
    refusedStops(before, after, policy, nowMs) ??
    leak(before, after, policy) ??
    lag(before, after, policy) ??
    secondTries(before, after, policy)
  );
}

/** The end of the series in which no counter began again. */
function continuous(samples: readonly BakeSample[]): readonly BakeSample[] {
  const last = samples.at(-1);
  return last === undefined ? [] : samples.filter((sample) => sample.sinceMs === last.sinceMs);
}

function silence(after: readonly BakeSample[], sinceMs: number, nowMs: number): string | null {
  const silentMs = nowMs - (after.at(-1)?.atMs ?? sinceMs);
  if (silentMs <= SILENCE_MAX_MS) return null;
  return `the control plane has not answered for ${formatDuration(silentMs)}`;
}

function refusedStops(
  before: readonly BakeSample[],
  after: readonly BakeSample[],
  policy: Policy,
  nowMs: number,
): string | null {
  const lately = after.filter(({ atMs }) => atMs >= nowMs - RATE_WINDOW_MS);
  const asked = growth(lately, (sample) => sample.stops);
  const refused = growth(lately, (sample) => sample.stopsRefused);
  if (asked < STOPS_MIN) return null;
  const stopsBefore = growth(before, (sample) => sample.stops);
  const usual =
    stopsBefore < STOPS_MIN
      ? 0
      : ratio(
          growth(before, (s) => s.stopsRefused),
          stopsBefore,
        );
  if (ratio(refused, asked) <= policy.releaseCullerErrorsMax + usual) return null;
  return `${refused} of ${asked} stops of sessions were refused within a minute`;
}

function leak(
  before: readonly BakeSample[],
  after: readonly BakeSample[],
  policy: Policy,
): string | null {
  const { releaseLeakBytesMax, releaseLeakHandlesMax } = policy;
  for (const { name } of after.at(-1)?.parts ?? []) {
    const memory = steady(before, after, name, (part) => part.memoryBytes, releaseLeakBytesMax);
    if (memory !== null)
      return `${name} keeps ${formatBytes(memory.slope)} of memory per launch, over ${memory.launches} launches`;
    const handles = steady(before, after, name, (part) => part.handles, releaseLeakHandlesMax);
    if (handles !== null)
      return `${name} keeps ${handles.slope.toFixed(1)} handles per launch, over ${handles.launches} launches`;
  }
  return null;
}

/** Growth per launch above the limit in the whole series and in its second half. */
function steady(
  before: readonly BakeSample[],
  after: readonly BakeSample[],
  name: string,
  valueOf: (part: BakePart) => number | null,
  limit: number,
): { readonly slope: number; readonly launches: number } | null {
  const points = pointsOf(after, name, valueOf);
  const launches = (points.at(-1)?.x ?? 0) - (points[0]?.x ?? 0);
  if (launches < LAUNCHES_MIN) return null;
  const whole = slopeOf(points);
  const half = slopeOf(points.slice(Math.floor(points.length / 2)));
  if (whole.correlation < LEAK_CORRELATION_MIN) return null;
  const old = slopeOf(pointsOf(before, name, valueOf));
  const usual = old.correlation < LEAK_CORRELATION_MIN ? 0 : Math.max(0, old.slope);
  if (Math.min(whole.slope, half.slope) <= limit + usual) return null;
  return { slope: whole.slope, launches };
}

function pointsOf(
  samples: readonly BakeSample[],
  name: string,
  valueOf: (part: BakePart) => number | null,
): readonly Point[] {
  const started = samples.at(-1)?.parts.find((part) => part.name === name)?.startedAtMs;
  const points: Point[] = [];
  for (const sample of samples) {
    const part = sample.parts.find((each) => each.name === name);
    if (part === undefined || part.startedAtMs !== started) continue;
    const value = valueOf(part);
    if (value === null || sample.atMs < part.startedAtMs + WARM_UP_MS) continue;
    points.push({ x: sample.launches, y: value });
  }
  return points;
}

function lag(
  before: readonly BakeSample[],
  after: readonly BakeSample[],
  policy: Policy,
): string | null {
  const last = after.slice(-LAG_SAMPLES);
  if (last.length < LAG_SAMPLES) return null;
  const least = Math.min(...last.map(lagOf));
  const usual = before.length === 0 ? 0 : Math.max(...before.map(lagOf));
  if (least <= policy.releaseLoopLagMaxMs || least < usual * LAG_GROWTH_MIN) return null;
  return `the event loop has lagged by ${formatDuration(least)} or more for ${formatDuration(LAG_SAMPLES * BAKE_SAMPLE_MS)}`;
}

function lagOf(sample: BakeSample): number {
  return Math.max(0, ...sample.parts.map((part) => part.loopLagMs ?? 0));
}

function secondTries(
  before: readonly BakeSample[],
  after: readonly BakeSample[],
  policy: Policy,
): string | null {
  const now = firstTries(after);
  if (now.starts < STARTS_MIN || now.starts - now.good < SECOND_TRIES_MIN) return null;
  const then = firstTries(before);
  const usual = then.starts < STARTS_MIN ? 1 : ratio(then.good, then.starts);
  const share = ratio(now.good, now.starts);
  if (share >= policy.releaseFirstTryMin || share > usual - FIRST_TRY_DROP_MIN) return null;
  return `only ${now.good} of ${now.starts} launches were ready at the first try`;
}

function firstTries(samples: readonly BakeSample[]): { good: number; starts: number } {
  const good = growth(samples, (sample) => sample.readyFirstTry);
  return { good, starts: growth(samples, (sample) => sample.ready + sample.failedByPlatform) };
}

function growth(samples: readonly BakeSample[], valueOf: (sample: BakeSample) => number): number {
  const [first, last] = [samples[0], samples.at(-1)];
  return first === undefined || last === undefined ? 0 : valueOf(last) - valueOf(first);
}
