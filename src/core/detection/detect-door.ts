/** The control plane does not answer: it is gone, or it is there and hangs. */
import { formatDuration, SECOND_MS } from "#base/units.ts";
import type { Policy } from "../policy.ts";
import { type ComponentLook, controlSubject, type Detected, type Observed } from "./observed.ts";

export interface DoorMemory {
  readonly misses: number;
  readonly silentSinceMs: number | null;
}

export const OPEN_DOOR: DoorMemory = { misses: 0, silentSinceMs: null };

const MISSES_MIN = 2;
/** A control plane that has just begun reads what exists before it answers. */
const START_MS = 20 * SECOND_MS;

export function detectDoor(
  memory: DoorMemory,
  observed: Pick<Observed, "status" | "components" | "controlRestartedAtMs">,
  policy: Pick<Policy, "opsIntervalMs" | "opsAnswerTimeoutMs" | "leaderLeaseMs">,
  nowMs: number,
): Detected<DoorMemory> {
  if (observed.status !== null) return { memory: OPEN_DOOR, findings: [] };
  const silentSinceMs = memory.silentSinceMs ?? nowMs;
  const next = { misses: memory.misses + 1, silentSinceMs };
  const silentMs = nowMs - silentSinceMs;
  const controls = controlsOf(observed.components);
  // Another takes over from one that is gone, by itself; none does from one that leads and hangs.
  const isChanging = controls.some(({ isReady }) => isReady) && !isLed(controls);
  const patienceMs = isChanging ? policy.leaderLeaseMs + START_MS : policy.opsIntervalMs;
  const isLong = next.misses >= MISSES_MIN && silentMs >= patienceMs;
  if (!isLong || isStarting(observed, nowMs)) return { memory: next, findings: [] };
  const isThere = controls.some(({ isReady }) => isReady);
  const names = controls.map(({ isReady, name }) => `${name} ${isReady ? "is ready" : "is not"}`);
  const evidence = `no answer within ${formatDuration(policy.opsAnswerTimeoutMs)}, ${next.misses} times in ${formatDuration(silentMs)}; ${names.join(", ") || "no control plane is listed"}`;
  const cause = isThere ? "control-wedged" : "control-down";
  const finding = { cause, subject: controlSubject, severity: "act", evidence } as const;
  return { memory: next, findings: [{ ...finding, sinceMs: silentSinceMs }] };
}

/** Somebody leads, as far as can be told: one says so, or all are there. */
function isLed(controls: readonly ComponentLook[]): boolean {
  if (controls.some(({ isLeading }) => isLeading !== undefined))
    return controls.some(({ isLeading, isReady }) => isLeading === true && isReady);
  return controls.every(({ isReady }) => isReady);
}

function isStarting(
  { components, controlRestartedAtMs }: Pick<Observed, "components" | "controlRestartedAtMs">,
  nowMs: number,
): boolean {
  if (controlRestartedAtMs !== null && nowMs - controlRestartedAtMs < START_MS) return true;
  const controls = controlsOf(components).filter(({ isReady }) => isReady);
  return controls.length > 0 && controls.every(({ startedAtMs }) => nowMs - startedAtMs < START_MS);
}

function controlsOf(components: readonly ComponentLook[] | null): readonly ComponentLook[] {
  return (components ?? []).filter(({ role }) => role === "control");
}
