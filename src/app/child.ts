/** The frame of a child process: started by a message, gone at once when its supervisor is gone. */
import { failureOf } from "#core/errors.ts";
import type { Log } from "#ports/log.ts";
import { createLog } from "#drivers/system/log.ts";
import type { ChildRole, FromChild, ToChild } from "./child-messages.ts";
import type { Config } from "./config.ts";

export interface ChildContext {
  readonly config: Config;
  /** Where the gateway listens; null for the gateway itself at its first start. */
  readonly gatewayUrl: string | null;
  readonly log: Log;
  readonly tell: (message: FromChild) => void;
  /** Called with everything else that the supervisor says. */
  readonly hear: (listener: (message: ToChild) => void) => void;
}

/** What a child runs; the returned function ends it in order. */
export type ChildMain = (context: ChildContext) => Promise<() => Promise<void>>;

/** Runs until told to stop. Exit code 1 when it could not start. */
export function runChild(role: ChildRole, main: ChildMain): void {
  let stop: Promise<() => Promise<void>> | null = null;
  process.on("disconnect", () => process.exit(0));
  // The supervisor decides when to end; a terminal's signals are not for us.
  process.on("SIGINT", () => undefined);
  process.on("message", (message: ToChild) => {
    if (message.kind === "start" && stop === null) {
      stop = startChild(role, main, message);
      stop.catch(() => undefined);
    } else if (message.kind === "stop") void endChild(stop);
  });
}

async function startChild(
  role: ChildRole,
  main: ChildMain,
  { config, gatewayUrl }: Extract<ToChild, { kind: "start" }>,
): Promise<() => Promise<void>> {
  const log = createLog(role, config.logLevel);
  const tell = (message: FromChild) => {
    process.send?.(message, undefined, undefined, () => undefined);
  };
  process.on("unhandledRejection", (error) => {
    log.error("a promise was rejected and nobody cared", { error });
  });
  const hear = (listener: (message: ToChild) => void) => {
    process.on("message", (message: ToChild) => {
      if (message.kind !== "start" && message.kind !== "stop") listener(message);
    });
  };
  try {
    return await main({ config, gatewayUrl, log, tell, hear });
  } catch (error) {
    const failure = failureOf(error);
    // A bug may be gone at the next try; what the machine lacks will not be.
    if (failure.code === "internal") {
      log.error("it cannot start", { error });
      process.exit(1);
    }
    // The person is told by the supervisor; the log keeps what led to it.
    log.info("it cannot start", { error });
    tell({ kind: "failed", failure });
    throw error;
  }
}

async function endChild(stop: Promise<() => Promise<void>> | null): Promise<void> {
  try {
    await (await stop)?.();
  } finally {
    process.exit(0);
  }
}
