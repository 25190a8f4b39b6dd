/** Waits for an answer, and not longer than it may take. */
import type { Clock } from "#ports/clock.ts";

/** Its value or error, or `late`. What comes later is not heard. */
export function withinTime<T>(
  answer: Promise<T>,
  limitMs: number,
  clock: Pick<Clock, "setTimer">,
): Promise<T | "late"> {
  return new Promise((resolve, reject) => {
    const cancel = clock.setTimer(limitMs, () => resolve("late"));
    answer.then(
      (value) => {
        cancel();
        resolve(value);
      },
      (error: unknown) => {
        cancel();
        reject(error as Error);
      },
    );
  });
}
