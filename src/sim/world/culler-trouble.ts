/** What can go wrong between the culler and the sessions that it asks. */
import { SECOND_MS } from "#base/units.ts";
import type { Clock } from "#ports/clock.ts";

/** Long enough for every question of one round; whoever asks anew after it is answered. */
const HANG_MS = 90 * SECOND_MS;

export class CullerTrouble {
  /** Every stop of the culler is refused with a 400, as of servers that do not run. */
  isRefused = false;
  readonly #clock: Clock;
  /** Called by the question with which it hangs. */
  #hangs: (() => void) | null = null;
  #hangsUntilMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Its connection breaks in a way that no error tells of: the next question, whenever that comes, is never answered. */
  hang(hangs: () => void): void {
    this.#hangs = hangs;
  }

  /** It asks a session something. */
  asked(): void {
    if (this.#hangs === null) return;
    this.#hangsUntilMs = this.#clock.nowMs() + HANG_MS;
    this.#hangs();
    this.#hangs = null;
  }

  /** What it asks now never comes back. */
  get isHanging(): boolean {
    return this.#clock.nowMs() < this.#hangsUntilMs;
  }
}
