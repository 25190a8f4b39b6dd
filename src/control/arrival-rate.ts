/** How many ask for seats in a time, from a counter that is looked at now and then. */
import { MINUTE_MS } from "#base/units.ts";

const INTERVAL_MS = 15_000;
const KEPT_MS = 10 * MINUTE_MS;
/** A rush is seen in the short window, a steady stream in the long one. */
const WINDOWS_MS = [2 * MINUTE_MS, KEPT_MS] as const;

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
    if (second !== undefined && second.atMs <= nowMs - KEPT_MS) this.#looks.shift();
  }

  /** The higher one of the last two and the last ten minutes. */
  perMs(nowMs: number): number {
    return Math.max(...WINDOWS_MS.map((windowMs) => this.#over(windowMs, nowMs)));
  }

  #over(windowMs: number, nowMs: number): number {
    const since = this.#looks.findLast(({ atMs }) => atMs <= nowMs - windowMs) ?? this.#looks[0];
    if (since === undefined) return 0;
    // What was not watched for a window yet counts as if nobody had come before.
    return (this.#count - since.count) / Math.max(windowMs, nowMs - since.atMs);
  }
}
