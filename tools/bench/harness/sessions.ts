/** Waits for what a Bindery does by itself between two measurements. */
import { SECOND_MS } from "#base/units.ts";
import { setTimeout as pause } from "node:timers/promises";
import type { Stage } from "./bench.ts";
import type { Bindery } from "./bindery.ts";
import { until } from "./until.ts";

const WARM_TIMEOUT_MS = 60 * SECOND_MS;
const LOOK_AGAIN_MS = 50;
/** A server that has just begun to listen still does a few things. */
const SETTLE_MS = 500;

/** Resolves when the warm pool is as full as it may be, and quiet. */
export async function untilWarm(stage: Stage, bindery: Bindery): Promise<void> {
  const wanted = Number(bindery.settings.warmServersMax ?? 1);
  if (wanted > 0) {
    const isFull = async () => {
      const sessions = await bindery.client.listSessions();
      return sessions.filter(isWaiting).length >= wanted;
    };
    await until(isFull, {
      what: "the warm pool is full",
      deadlineMs: WARM_TIMEOUT_MS,
      signal: stage.signal,
      everyMs: LOOK_AGAIN_MS,
    });
  }
  await pause(SETTLE_MS);
}

function isWaiting({
  purpose,
  state,
}: {
  readonly purpose: object | null;
  readonly state: { readonly kind: string };
}): boolean {
  return purpose === null && state.kind === "running";
}

/** Resolves when nothing is left of the sessions of people. */
export async function untilCalm(stage: Stage, bindery: Bindery): Promise<void> {
  const isCalm = async () => {
    const sessions = await bindery.client.listSessions();
    return !sessions.some(({ purpose, state }) => purpose !== null && state.kind !== "ended");
  };
  await until(isCalm, {
    what: "the sessions have ended",
    deadlineMs: WARM_TIMEOUT_MS,
    signal: stage.signal,
    everyMs: LOOK_AGAIN_MS,
  });
}

export async function stopAll(bindery: Bindery): Promise<void> {
  const sessions = await bindery.client.listSessions();
  const people = sessions.filter(
    ({ purpose, state }) => purpose !== null && state.kind !== "ended",
  );
  await Promise.all(people.map(({ id }) => bindery.client.stopSession(id)));
}
