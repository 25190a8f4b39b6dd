/** Waiting with an end: whoever is asked may hang, and the watch goes on. */
import type { Clock } from "#ports/clock.ts";

export type Answer<T> =
  | { readonly kind: "value"; readonly value: T }
  | { readonly kind: "failed"; readonly error: unknown }
  | { readonly kind: "silent" };

/** Never rejects. What comes after the limit is not heard. */
export function within<T>(
  clock: Clock,
  limitMs: number,
  ask: () => Promise<T>,
): Promise<Answer<T>> {
  return new Promise((resolve) => {
    const cancel = clock.setTimer(limitMs, () => resolve({ kind: "silent" }));
    const settle = (answer: Answer<T>) => {
      cancel();
      resolve(answer);
    };
    const failed = (error: unknown) => settle({ kind: "failed", error });
    try {
      ask().then((value) => settle({ kind: "value", value }), failed);
    } catch (error) {
      failed(error);
    }
  });
}

/** One limit for several questions; `ended` when all of them are settled. */
export class Deadline {
  readonly #cancel: () => void;
  readonly #waiting = new Set<() => void>();

  constructor(clock: Clock, limitMs: number) {
    this.#cancel = clock.setTimer(limitMs, () => {
      for (const silent of this.#waiting) silent();
    });
  }

  /** The value, or null for whoever fails or is silent. */
  orNull<T>(ask: () => Promise<T>): Promise<T | null> {
    return new Promise((resolve) => {
      const giveUp = () => resolve(null);
      this.#waiting.add(giveUp);
      try {
        ask().then(resolve, giveUp);
      } catch {
        giveUp();
      }
    });
  }

  ended(): void {
    this.#cancel();
  }
}
