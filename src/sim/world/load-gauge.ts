/** How busy the deciding process is with people: each event that it writes to one of them costs it a moment. */
import { SECOND_MS } from "#base/units.ts";
import type { LaunchEvent, LaunchId } from "#core/launch/launch.ts";
import type { PeoplesDoor } from "../people/person.ts";
import type { WorldContext } from "./context.ts";

export interface LoadGaugeParts {
  readonly context: WorldContext;
  /** Whatever is asked waits for so long behind what is to be done first. */
  readonly lags: (lagMs: number) => void;
}

/** To make one event text and write it to one socket. */
const EVENT_MS = 0.05;
/** To take a launch and to decide what becomes of it. */
const LAUNCH_MS = 5;
/** To answer one question when nothing else is to be done. */
const ANSWER_MS = 5;
/** What is less is not worth a record. */
const BUSY = 0.05;
/** A queue in front of one process that is nearly always busy. */
const SHARE_MAX = 0.999;

export class LoadGauge {
  readonly #parts: LoadGaugeParts;
  #secondMs: number;
  #workMs = 0;
  #backlogMs = 0;

  constructor(parts: LoadGaugeParts) {
    this.#parts = parts;
    this.#secondMs = parts.context.clock.nowMs();
  }

  /** The door with somebody who counts what passes it. */
  counted(door: PeoplesDoor): PeoplesDoor {
    return {
      ...door,
      submit: (wish) => {
        this.#add(LAUNCH_MS);
        return door.submit(wish);
      },
      watch: (id: LaunchId, after: number, watcher: (event: LaunchEvent) => void) =>
        door.watch(id, after, (event) => {
          this.#add(EVENT_MS);
          watcher(event);
        }),
    };
  }

  /** Somebody asks something that is no launch. */
  asked(): void {
    this.#add(ANSWER_MS);
  }

  #add(workMs: number): void {
    const nowMs = this.#parts.context.clock.nowMs();
    if (nowMs - this.#secondMs >= SECOND_MS) this.#roll(nowMs);
    this.#workMs += workMs;
  }

  /** The second is over; those after it in which nothing came wear off what was left. */
  #roll(nowMs: number): void {
    const { clock, recorder } = this.#parts.context;
    const share = Math.min(1, (this.#backlogMs + this.#workMs) / SECOND_MS);
    this.#backlogMs = Math.max(0, this.#backlogMs + this.#workMs - (nowMs - this.#secondMs));
    const lagMs = ANSWER_MS / (1 - Math.min(SHARE_MAX, share)) + this.#backlogMs;
    if (share >= BUSY) {
      const atMs = clock.nowMs();
      recorder.add({ kind: "measured", atMs, what: "control.cpuShare", value: share });
      recorder.add({ kind: "measured", atMs, what: "control.answerMs", value: Math.round(lagMs) });
    }
    this.#parts.lags(lagMs > 2 * ANSWER_MS ? Math.round(lagMs) : 0);
    this.#workMs = 0;
    this.#secondMs = nowMs;
  }
}
