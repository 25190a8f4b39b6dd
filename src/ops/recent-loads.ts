/** How many launches each member got lately. */
import { SHARES_WINDOW_MS } from "#core/federation/decide-shares.ts";
import type { Clock } from "#ports/clock.ts";

export class RecentLoads {
  readonly #clock: Clock;
  readonly #loads = new Map<string, number>();
  #queue: { readonly member: string; readonly atMs: number }[] = [];
  #first = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(member: string): void {
    this.#queue.push({ member, atMs: this.#clock.monotonicMs() });
    this.#loads.set(member, (this.#loads.get(member) ?? 0) + 1);
  }

  now(): ReadonlyMap<string, number> {
    const fromMs = this.#clock.monotonicMs() - SHARES_WINDOW_MS;
    for (
      let next = this.#queue[this.#first];
      next !== undefined && next.atMs < fromMs;
      next = this.#queue[this.#first]
    ) {
      this.#loads.set(next.member, (this.#loads.get(next.member) ?? 1) - 1);
      this.#first += 1;
    }
    if (this.#first > this.#queue.length / 2) {
      this.#queue = this.#queue.slice(this.#first);
      this.#first = 0;
    }
    return this.#loads;
  }
}
