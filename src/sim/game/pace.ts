/** How fast the virtual time of a game day goes. */

/** A machine that slept goes on where it was, instead of leaping. */
const STEP_MAX_MS = 1_000;

/** Virtual time to run next, when this much real time passed since the last step began. */
export function nextStepMs(passedMs: number, pace: number, leftMs: number): number {
  const realMs = Math.min(Math.max(0, passedMs), STEP_MAX_MS);
  return Math.min(Math.max(1, Math.floor(realMs * pace)), leftMs);
}
