/** How long good starts of servers took lately. */

const KEPT = 60;
const KNOWN_MIN = 10;
const NEARLY_ALL = 0.95;

export class StartTimes {
  readonly #lately: number[] = [];
  /** The same, the shortest first. */
  readonly #sorted: number[] = [];

  /** What nearly all starts stay below; null while too few are known. */
  get p95Ms(): number | null {
    if (this.#lately.length < KNOWN_MIN) return null;
    return this.#sorted[Math.floor((this.#sorted.length - 1) * NEARLY_ALL)] ?? null;
  }

  add(tookMs: number): void {
    this.#lately.push(tookMs);
    this.#sorted.splice(this.#placeOf(tookMs), 0, tookMs);
    if (this.#lately.length <= KEPT) return;
    const oldestMs = this.#lately.shift();
    if (oldestMs !== undefined) this.#sorted.splice(this.#placeOf(oldestMs), 1);
  }

  /** Of the first that took as long or longer. */
  #placeOf(tookMs: number): number {
    let place = 0;
    while (place < this.#sorted.length && (this.#sorted[place] ?? 0) < tookMs) place += 1;
    return place;
  }
}
