/** Invariants that did not hold: when, which one, and what was seen. */
import { dateOf, secondOf } from "../drill/virtual-time.ts";
import type { DrillStart } from "../drill/drill.ts";
import type { VirtualClock } from "./virtual-clock.ts";

/** The seven of DESIGN.md, section 4. */
type Invariant = 1 | 2 | 3 | 4 | 5 | 6 | 7;

const KEPT_MAX = 50;

export class Violations {
  readonly list: string[] = [];
  readonly #clock: VirtualClock;
  readonly #starts: DrillStart;

  constructor(clock: VirtualClock, starts: DrillStart) {
    this.#clock = clock;
    this.#starts = starts;
  }

  add(invariant: Invariant, what: string): void {
    if (this.list.length >= KEPT_MAX) return;
    const nowMs = this.#clock.nowMs();
    const moment = `${dateOf(nowMs, this.#starts)} ${secondOf(nowMs, this.#starts)}`;
    this.list.push(`${moment}, invariant ${invariant}: ${what}`);
  }
}
