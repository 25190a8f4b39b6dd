/** What a person is told while a session starts: where it is, and how long that may take. */
import { MINUTE_MS, SECOND_MS, formatDuration } from "#base/units.ts";
import type { LaunchObserved, NewLaunchEvent, ProbingStage, Try } from "./launch-stage.ts";

/** What is over so soon is not worth a word. */
const QUIET_MS = 2 * SECOND_MS;
/** Nobody is left without news for longer. */
const TELL_AGAIN_MS = 15 * SECOND_MS;

export interface News {
  readonly events: readonly NewLaunchEvent[];
  readonly told: ProbingStage["told"];
  /** When there will be more to say. */
  readonly nextAtMs: number;
}

/** `nearest` is the start that is furthest. */
export function tellStart(
  nearest: Try,
  { told }: ProbingStage,
  { placement }: LaunchObserved,
  nowMs: number,
): News {
  const { sinceMs, step } = nearest;
  const isNew = told.step !== step;
  if (step === "starting") {
    const events: NewLaunchEvent[] = isNew
      ? [{ phase: "launching", message: "Launching server..." }]
      : [];
    return {
      events,
      told: isNew ? { step, atMs: nowMs } : told,
      nextAtMs: Number.POSITIVE_INFINITY,
    };
  }
  const dueAtMs = isNew ? sinceMs + QUIET_MS : told.atMs + TELL_AGAIN_MS;
  if (nowMs < dueAtMs) return { events: [], told, nextAtMs: dueAtMs };
  const event = step === "placing" ? placing(placement) : pulling(nowMs - sinceMs);
  return { events: [event], told: { step, atMs: nowMs }, nextAtMs: nowMs + TELL_AGAIN_MS };
}

function placing({ position, waitMs }: LaunchObserved["placement"]): NewLaunchEvent {
  const message =
    waitMs === null
      ? `No machine has room yet; place ${position} of those who wait.`
      : `A new machine is being started: about ${aboutOf(waitMs)}.`;
  return { phase: "queued", message, queue: { position, waitMs } };
}

function pulling(sinceMs: number): NewLaunchEvent {
  const message = `The environment is being copied to the machine (${formatDuration(roundTo(sinceMs, SECOND_MS))}).`;
  return { phase: "launching", message };
}

function aboutOf(durationMs: number): string {
  const stepMs = durationMs < MINUTE_MS ? 10 * SECOND_MS : MINUTE_MS;
  return formatDuration(Math.max(stepMs, roundTo(durationMs, stepMs)));
}

function roundTo(durationMs: number, stepMs: number): number {
  return Math.round(durationMs / stepMs) * stepMs;
}
