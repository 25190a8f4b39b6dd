/** Follows a launch to its end, across broken connections and a control plane that starts anew. */
import type { LaunchEvent } from "#core/launch/launch.ts";
import { readEvents } from "./event-stream.ts";
import { FailureError } from "./failure-error.ts";
import type { Answered, Transport } from "./transport.ts";

export interface WatchOptions {
  readonly signal?: AbortSignal;
  /** Without a word from the server for this long, it gives up. */
  readonly patienceMs?: number;
  /** Called when the connection is lost and when it is back. */
  readonly onConnection?: (isUp: boolean) => void;
}

const PATIENCE_MS = 2 * 60_000;
const WAIT_FIRST_MS = 100;
const WAIT_LONGEST_MS = 2_000;

/**
 * Yields every event once and ends after `ready` or `failed`. `resubmit` is called when the server
 * does not know the launch any more; null when the caller has no wish to submit. After that the
 * events begin again at number 1: the launch is told from its beginning.
 */
export async function* watchLaunch(
  transport: Transport,
  id: string,
  resubmit: (() => Promise<unknown>) | null,
  options: WatchOptions,
): AsyncGenerator<LaunchEvent, void, undefined> {
  const { patienceMs = PATIENCE_MS, signal } = options;
  let position = "";
  let waitMs = WAIT_FIRST_MS;
  let waitedMs = 0;
  for (;;) {
    try {
      const response = await openStream(transport, id, position, signal);
      if (response.body === null || response.status === 204) return;
      for await (const { id: at, data } of readEvents(response.body)) {
        [position, waitMs, waitedMs] = [at, WAIT_FIRST_MS, 0];
        options.onConnection?.(true);
        const event = JSON.parse(data) as LaunchEvent;
        yield event;
        if (event.phase === "ready" || event.phase === "failed") return;
      }
    } catch (error) {
      signal?.throwIfAborted();
      const isLost = await isForgotten(error, resubmit);
      if (!isLost && waitedMs >= patienceMs) throw error;
    }
    options.onConnection?.(false);
    await transport.wait(waitMs, signal);
    waitedMs += waitMs;
    waitMs = Math.min(waitMs * 2, WAIT_LONGEST_MS);
  }
}

async function openStream(
  transport: Transport,
  id: string,
  position: string,
  signal: AbortSignal | undefined,
): Promise<Answered> {
  const after = position === "" ? "" : `?after=${encodeURIComponent(position)}`;
  const path = `/api/v1/launches/${encodeURIComponent(id)}/events${after}`;
  return await transport.send({ path, accept: "text/event-stream", signal });
}

/**
 * True after the launch was submitted again. Throws what waiting does not mend; what a server that
 * is down or broken off says is waited for.
 */
async function isForgotten(
  error: unknown,
  resubmit: (() => Promise<unknown>) | null,
): Promise<boolean> {
  if (!(error instanceof FailureError)) return false;
  if (error.failure.code === "launch-not-found" && resubmit !== null) {
    try {
      await resubmit();
      return true;
    } catch (again) {
      return await isForgotten(again, null);
    }
  }
  if (!error.failure.retriable) throw error;
  return false;
}
