/** When people come, and for which repository. */
import { HOUR_MS } from "#base/units.ts";
import type { Prng } from "#base/prng.ts";
import type { Arrivals, RatePoint, RepoShare } from "../drill/drill.ts";
import type { VirtualClock } from "../world/virtual-clock.ts";

/** Into how many parts a span is cut to count who comes in it. */
const STEPS = 60;
/** A sum of rates that should be a whole number may miss it by this. */
const ROUNDING = 1e-6;

/** Calls back at the moment of each arrival, with the repository's name. */
export function scheduleArrivals(
  arrivals: Arrivals,
  given: { readonly clock: VirtualClock; readonly prng: Prng; readonly untilMs: number },
  arrive: (repo: string) => void,
): void {
  const { clock, prng, untilMs } = given;
  const choose = repoChooser(arrivals.repos, prng.fork("repos"));
  const { when } = arrivals;
  if (when.kind === "burst") {
    for (let n = 0; n < when.people; n += 1) {
      const atMs = when.atMs + Math.floor(prng.fraction() * when.withinMs);
      if (atMs <= untilMs) clock.setTimer(atMs, () => arrive(choose()));
    }
    return;
  }
  if (when.countedPerMs !== undefined) {
    for (const atMs of countedAtMs(when.points, { spanMs: when.countedPerMs, untilMs, prng }))
      clock.setTimer(atMs, () => arrive(choose()));
    return;
  }
  const startMs = clock.monotonicMs();
  const perHourMax = Math.max(...when.points.map(({ perHour }) => perHour));
  if (perHourMax <= 0) return;
  // Thinning (Lewis and Shedler): arrivals at the highest rate, of which some are left out.
  const next = () => {
    const delayMs = prng.exponential(HOUR_MS / perHourMax);
    if (clock.monotonicMs() - startMs + delayMs > untilMs) return;
    clock.setTimer(delayMs, () => {
      const perHour = rateAt(when.points, clock.monotonicMs() - startMs);
      if (prng.fraction() * perHourMax < perHour) arrive(choose());
      next();
    });
  };
  next();
}

/** What a Poisson process looks like when it is known how many came in each span. */
function countedAtMs(
  points: readonly RatePoint[],
  given: { readonly spanMs: number; readonly untilMs: number; readonly prng: Prng },
): readonly number[] {
  const { prng, spanMs, untilMs } = given;
  const all: number[] = [];
  let expected = 0;
  for (let fromMs = 0; fromMs < untilMs; fromMs += spanMs) {
    const rates = stepsIn(spanMs).map((stepMs) => rateAt(points, fromMs + stepMs));
    expected +=
      rates.reduce((sum, perHour) => sum + (perHour * spanMs) / rates.length, 0) / HOUR_MS;
    const highest = Math.max(...rates);
    while (all.length < Math.floor(expected + ROUNDING)) {
      const atMs = fromMs + Math.floor(prng.fraction() * spanMs);
      if (prng.fraction() * highest < rateAt(points, atMs)) all.push(atMs);
    }
  }
  return all.filter((atMs) => atMs <= untilMs);
}

/** The middles of equal parts of a span. */
function stepsIn(spanMs: number): readonly number[] {
  return Array.from({ length: STEPS }, (_, index) => ((index + 0.5) / STEPS) * spanMs);
}

/** Linear between the points, level before the first and after the last. */
export function rateAt(points: readonly RatePoint[], atMs: number): number {
  let before: RatePoint | null = null;
  for (const point of points) {
    if (point.atMs > atMs) {
      if (before === null) return point.perHour;
      const share = (atMs - before.atMs) / (point.atMs - before.atMs);
      return before.perHour + share * (point.perHour - before.perHour);
    }
    before = point;
  }
  return before?.perHour ?? 0;
}

/** Draws names by their shares. */
export function repoChooser(repos: readonly RepoShare[], prng: Prng): () => string {
  const choosers = repos.map(({ repo, zipf }) =>
    zipf === null ? () => repo : zipfChooser(repo, zipf, prng),
  );
  return () => {
    let left = prng.fraction();
    for (const [index, { share }] of repos.entries()) {
      left -= share;
      const choose = choosers[index];
      if ((left < 0 || index === repos.length - 1) && choose !== undefined) return choose();
    }
    throw new Error("nobody comes for no repository");
  };
}

/** The k-th name is drawn in proportion to 1/k. */
function zipfChooser(name: string, count: number, prng: Prng): () => string {
  const sums: number[] = [];
  let sum = 0;
  for (let k = 1; k <= count; k += 1) {
    sum += 1 / k;
    sums.push(sum);
  }
  return () => {
    const target = prng.fraction() * sum;
    let low = 0;
    let high = count - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sums[middle] ?? 0) < target) low = middle + 1;
      else high = middle;
    }
    return `${name}-${low + 1}`;
  };
}
