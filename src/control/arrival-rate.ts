/** How many ask for seats in a time, from a counter that is looked at now and then. */
import { MINUTE_MS, SECOND_MS } from "#base/units.ts";

const INTERVAL_MS = 15 * SECOND_MS;
const LONG_MS = 10 * MINUTE_MS;
const SHORT_MS = 2 * MINUTE_MS;

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

  /** That of the last ten minutes, or of a rush in the last two that is more than chance. */
  perMs(nowMs: number): number {
    const long = this.#over(LONG_MS, nowMs);
    const short = this.#over(SHORT_MS, nowMs);
    const rush = Math.max(0, short.count - 2 * Math.sqrt(short.count));
    return Math.max(long.count / long.spanMs, rush / short.spanMs);
  }

  #over(windowMs: number, nowMs: number) {
    const since = this.#looks.findLast(({ atMs }) => atMs <= nowMs - windowMs) ?? this.#looks[0];
    if (since === undefined) return { count: 0, spanMs: windowMs };
    // What was not watched for a window yet counts as if nobody had come before.
    const spanMs = Math.max(windowMs, nowMs - since.atMs);
    return { count: this.#count - since.count, spanMs };
  }
}
