/** How many launches each member got lately, and of which repositories. */
import { SHARES_WINDOW_MS } from "#core/federation/decide-shares.ts";
import type { Clock } from "#ports/clock.ts";

interface Entry {
  readonly member: string;
  readonly repoKey: string;
  readonly atMs: number;
}

export class RecentLoads {
  readonly #clock: Clock;
  readonly #ofMembers = new Map<string, number>();
  readonly #ofKeys = new Map<string, number>();
  #queue: Entry[] = [];
  #first = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(member: string, repoKey: string): void {
    this.#queue.push({ member, repoKey, atMs: this.#clock.monotonicMs() });
    move(this.#ofMembers, member, 1);
    move(this.#ofKeys, repoKey, 1);
  }

  ofMembers(): ReadonlyMap<string, number> {
    this.#forget();
    return this.#ofMembers;
  }

  ofKey(repoKey: string): number {
    this.#forget();
    return this.#ofKeys.get(repoKey) ?? 0;
  }

  #forget(): void {
    const fromMs = this.#clock.monotonicMs() - SHARES_WINDOW_MS;
    for (
      let next = this.#queue[this.#first];
      next !== undefined && next.atMs < fromMs;
      next = this.#queue[this.#first]
    ) {
      move(this.#ofMembers, next.member, -1);
      move(this.#ofKeys, next.repoKey, -1);
      this.#first += 1;
    }
    if (this.#first <= this.#queue.length / 2) return;
    this.#queue = this.#queue.slice(this.#first);
    this.#first = 0;
  }
}

function move(counts: Map<string, number>, key: string, by: number): void {
  const count = (counts.get(key) ?? 0) + by;
  if (count > 0) counts.set(key, count);
  else counts.delete(key);
}
