/** Ctrl-C while something is awaited: the first ends it in order, the second at once. */
import { EXIT_CODES } from "../exit-codes.ts";

export interface Interrupts {
  /** Aborted by the first signal. */
  readonly signal: AbortSignal;
  /** Gives the signals back to the system. Harmless when repeated. */
  release(): void;
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** `onFirst` is told at once, before anything has ended. */
export function catchInterrupts(onFirst: (signal: NodeJS.Signals) => void): Interrupts {
  const controller = new AbortController();
  const take = (signal: NodeJS.Signals): void => {
    if (controller.signal.aborted) process.exit(EXIT_CODES.interrupted.code);
    onFirst(signal);
    controller.abort();
  };
  for (const signal of SIGNALS) process.on(signal, take);
  return {
    signal: controller.signal,
    release: () => {
      for (const signal of SIGNALS) process.removeListener(signal, take);
    },
  };
}
