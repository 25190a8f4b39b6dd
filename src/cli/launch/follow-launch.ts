/** Submits a launch and stays with it to its end; leaving early cancels it. */
import { randomBytes } from "node:crypto";
import type { Client, LaunchWishes } from "#client/client.ts";
import { SECOND_MS } from "#base/units.ts";
import type { Failure } from "#core/errors.ts";
import type { LaunchEvent, LaunchResult } from "#core/launch/launch.ts";
import type { Progress } from "../progress/progress.ts";

export type LaunchOutcome =
  | {
      readonly kind: "ready";
      readonly result: LaunchResult;
      /** What to open, as the server understood the wish. */
      readonly urlPath: string | null;
      readonly isReused: boolean;
    }
  | { readonly kind: "failed"; readonly failure: Failure }
  | { readonly kind: "interrupted" };

const ID_BYTES = 16;
const CANCEL_WAIT_MS = 2 * SECOND_MS;

/** Throws what the server refuses, and when it is not there for long. */
export async function followLaunch(options: {
  readonly client: Client;
  readonly wish: LaunchWishes;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}): Promise<LaunchOutcome> {
  const { client, progress, signal } = options;
  const wish = { ...options.wish, id: randomBytes(ID_BYTES).toString("base64url") };
  const { id, urlPath } = await client.launch(wish);
  let last: LaunchEvent | null = null;
  let isReused = false;
  try {
    for await (const event of client.watchLaunch({ id, wish }, watchOptions(progress, signal))) {
      progress.event(event);
      isReused ||= event.isReused === true;
      last = event;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  if (last?.result !== undefined) return { kind: "ready", result: last.result, urlPath, isReused };
  if (last?.failure !== undefined) return { kind: "failed", failure: last.failure };
  await cancel(client, id);
  return { kind: "interrupted" };
}

function watchOptions(progress: Progress, signal: AbortSignal) {
  let wasUp = true;
  const onConnection = (isUp: boolean): void => {
    if (wasUp && !isUp) progress.step("The connection to Bindery was lost; waiting for it.");
    wasUp = isUp;
  };
  return { signal, onConnection };
}

/** The server cancels by itself what nobody watches; asking for it only makes it sooner. */
async function cancel(client: Client, id: string): Promise<void> {
  const tooLong = AbortSignal.timeout(CANCEL_WAIT_MS);
  const gaveUp = new Promise<void>((resolve) => tooLong.addEventListener("abort", () => resolve()));
  await Promise.race([client.cancelLaunch(id).catch(() => undefined), gaveUp]);
}
