/** How long good starts of servers took lately. */

const KEPT = 60;
const KNOWN_MIN = 10;
const NEARLY_ALL = 0.95;

export class StartTimes {
  readonly #lately: number[] = [];
  /** Null: not worked out since the last one. */
  #p95Ms: number | null = null;

  /** What nearly all starts stay below; null while too few are known. */
  get p95Ms(): number | null {
    if (this.#lately.length < KNOWN_MIN) return null;
    this.#p95Ms ??= nearlyAll(this.#lately);
    return this.#p95Ms;
  }

  add(tookMs: number): void {
    this.#lately.push(tookMs);
    if (this.#lately.length > KEPT) this.#lately.shift();
    this.#p95Ms = null;
  }
}

function nearlyAll(timesMs: readonly number[]): number | null {
  const sorted = Float64Array.from(timesMs).sort();
  return sorted[Math.floor((sorted.length - 1) * NEARLY_ALL)] ?? null;
}
