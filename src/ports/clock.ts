/** Time, as a port: core and control never ask the machine. */

export interface Clock {
  /** Wall clock, milliseconds since 1970. It may jump. */
  nowMs(): number;
  /** Never jumps and never goes back; only differences mean something. */
  monotonicMs(): number;
  /** Calls back once after `delayMs`. The returned function cancels; cancelling twice is harmless. */
  setTimer(delayMs: number, callback: () => void): () => void;
}
