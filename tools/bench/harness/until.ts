/** Waits for something that has no event of its own, with a deadline. */
import { setTimeout as pause } from "node:timers/promises";

const LOOK_AGAIN_MS = 2;

/** Looks again until there is something. Errors: what did not happen in time. */
export async function until<T>(
  look: () => Promise<T | null | false> | T | null | false,
  options: {
    readonly what: string;
    readonly deadlineMs: number;
    readonly signal: AbortSignal;
    readonly everyMs?: number;
  },
): Promise<T> {
  const endMs = performance.now() + options.deadlineMs;
  for (;;) {
    options.signal.throwIfAborted();
    const found = await look();
    if (found !== null && found !== false) return found;
    if (performance.now() > endMs) throw new Error(`did not happen in time: ${options.what}`);
    await pause(options.everyMs ?? LOOK_AGAIN_MS);
  }
}
