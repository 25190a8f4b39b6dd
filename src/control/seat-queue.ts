/** Those who wait for a seat, by repository and address, with the turns that they had. */
import type { ClientLine, RepoLine } from "#core/admission/serving-order.ts";
import type { SeatWish } from "#core/admission/seat-wish.ts";
import type { LaunchId } from "#core/launch/launch.ts";

/** Turns that are given in rounds: who comes anew is served after the round that is under way. */
interface Turns {
  served: number;
}

interface Client extends ClientLine {
  turn: number;
  readonly wishes: Map<LaunchId, SeatWish>;
}

interface Line extends RepoLine {
  turn: number;
  size: number;
  readonly turns: Turns;
  readonly clients: Map<string | null, Client>;
}

export class SeatQueue {
  readonly #wishes = new Map<LaunchId, SeatWish>();
  readonly #lines = new Map<string, Line>();
  readonly #turns: Turns = { served: 0 };

  get size(): number {
    return this.#wishes.size;
  }

  get lines(): ReadonlyMap<string, RepoLine> {
    return this.#lines;
  }

  get(launchId: LaunchId): SeatWish | null {
    return this.#wishes.get(launchId) ?? null;
  }

  add(wish: SeatWish): void {
    this.#wishes.set(wish.launchId, wish);
    const { repoKey, client } = wish;
    let line = this.#lines.get(repoKey);
    if (line === undefined) {
      const turn = this.#turns.served + 1;
      line = { repoKey, turn, size: 0, turns: { served: 0 }, clients: new Map() };
      this.#lines.set(repoKey, line);
    }
    let own = line.clients.get(client);
    if (own === undefined) {
      own = { client, turn: line.turns.served + 1, wishes: new Map() };
      line.clients.set(client, own);
    }
    own.wishes.set(wish.launchId, wish);
    line.size += 1;
  }

  /** Somebody was served: the turns of his repository and address are used. */
  serve(wish: SeatWish): void {
    const line = this.#lines.get(wish.repoKey);
    const own = line?.clients.get(wish.client);
    if (line === undefined || own === undefined) return;
    useTurn(line, this.#turns);
    useTurn(own, line.turns);
    this.delete(wish.launchId);
  }

  /** False when the launch does not wait. */
  delete(launchId: LaunchId): boolean {
    const wish = this.#wishes.get(launchId);
    if (wish === undefined) return false;
    this.#wishes.delete(launchId);
    const line = this.#lines.get(wish.repoKey);
    const own = line?.clients.get(wish.client);
    if (line === undefined || own === undefined) return true;
    own.wishes.delete(launchId);
    line.size -= 1;
    // A new line of the same name has the same turn: nothing is lost with an empty one.
    if (own.wishes.size === 0) line.clients.delete(wish.client);
    if (line.size === 0) this.#lines.delete(wish.repoKey);
    return true;
  }
}

function useTurn(line: { turn: number }, turns: Turns): void {
  turns.served = Math.max(turns.served, line.turn);
  line.turn = turns.served + 1;
}
