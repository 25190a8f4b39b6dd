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

/** The value, or null for whoever failed or was silent. */
export async function orNull<T>(
  clock: Clock,
  limitMs: number,
  ask: (() => Promise<T>) | undefined,
): Promise<T | null> {
  if (ask === undefined) return null;
  const answer = await within(clock, limitMs, ask);
  return answer.kind === "value" ? answer.value : null;
}
