/** How long good starts of servers took lately. */

const KEPT = 60;
const KNOWN_MIN = 10;
const NEARLY_ALL = 0.95;

export class StartTimes {
  readonly #lately: number[] = [];
  #p95Ms: number | null = null;

  /** What nearly all starts stay below; null while too few are known. */
  get p95Ms(): number | null {
    return this.#p95Ms;
  }

  add(tookMs: number): void {
    this.#lately.push(tookMs);
    if (this.#lately.length > KEPT) this.#lately.shift();
    if (this.#lately.length < KNOWN_MIN) return;
    const sorted = [...this.#lately].sort((a, b) => a - b);
    this.#p95Ms = sorted[Math.floor((sorted.length - 1) * NEARLY_ALL)] ?? null;
  }
}
