/** What every part of the pretend world is given. */
import type { Prng } from "#base/prng.ts";
import type { Recorder } from "./recorder.ts";
import type { VirtualClock } from "./virtual-clock.ts";

export interface WorldContext {
  readonly clock: VirtualClock;
  /** Fork it: `prng.fork("people")`. */
  readonly prng: Prng;
  readonly recorder: Recorder;
}

/** Stands for a call that never comes back. */
export function never<T>(): Promise<T> {
  return new Promise<T>(() => undefined);
}
