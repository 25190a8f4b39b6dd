/** How many ask for seats in a time, from a counter that is looked at now and then. */
import { MINUTE_MS, SECOND_MS } from "#base/units.ts";

const INTERVAL_MS = 5 * SECOND_MS;
const LONG_MS = 10 * MINUTE_MS;
const RUSHES_MS = [30 * SECOND_MS, 2 * MINUTE_MS] as const;

export class ArrivalRate {
  /** Oldest first. */
  #looks: { readonly atMs: number; readonly count: number }[] = [];
  #count = 0;

  /** `count` is how many ever asked. */
  note(count: number, nowMs: number): void {
    this.#count = count;
    const last = this.#looks.at(-1);
    if (last !== undefined && nowMs - last.atMs < INTERVAL_MS) return;
    this.#looks.push({ atMs: nowMs, count });
    const second = this.#looks[1];
    if (second !== undefined && second.atMs <= nowMs - LONG_MS) this.#looks.shift();
  }

  /** That of the last ten minutes, or of a rush since then that is more than chance. */
  perMs(nowMs: number): number {
    const long = this.#over(LONG_MS, nowMs);
    let perMs = long.count / long.spanMs;
    for (const windowMs of RUSHES_MS) {
      const { count, spanMs } = this.#over(windowMs, nowMs);
      perMs = Math.max(perMs, (count - 2 * Math.sqrt(count)) / spanMs);
    }
    return perMs;
  }

  #over(windowMs: number, nowMs: number) {
    let since = this.#looks.at(-1);
    if (since === undefined) return { count: 0, spanMs: windowMs };
    for (let n = this.#looks.length - 2; n >= 0 && since.atMs > nowMs - windowMs; n -= 1) {
      since = this.#looks[n] ?? since;
    }
    // What was not watched for a window yet counts as if nobody had come before.
    const spanMs = Math.max(windowMs, nowMs - since.atMs);
    return { count: this.#count - since.count, spanMs };
  }
}
