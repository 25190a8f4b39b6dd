/** Few servers start at a time, in the order of asking: all at once would each be as late as the last. */
import { availableParallelism } from "node:os";

const PER_CORE = 2;
/** A server that needs longer does not keep others waiting. */
const SLOT_MS = 1_000;
const POLL_MS = 3;

export class StartGate {
  #free = PER_CORE * availableParallelism();
  readonly #waiting: (() => void)[] = [];

  /** Runs `begin` when it is its turn; the next one's turn comes when `isUp`, or after a while. */
  async pass(begin: () => Promise<void>, isUp: () => boolean): Promise<void> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      await begin();
    } catch (error) {
      this.#leave();
      throw error;
    }
    this.#leaveWhen(isUp, performance.now() + SLOT_MS);
  }

  #leaveWhen(isUp: () => boolean, deadline: number): void {
    if (isUp() || performance.now() > deadline) this.#leave();
    else setTimeout(() => this.#leaveWhen(isUp, deadline), POLL_MS).unref();
  }

  #leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free += 1;
    else next();
  }
}
