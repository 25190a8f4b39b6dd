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
  policy: Pick<Policy, "opsIntervalMs" | "opsAnswerTimeoutMs">,
  nowMs: number,
): Detected<DoorMemory> {
  if (observed.status !== null) return { memory: OPEN_DOOR, findings: [] };
  const silentSinceMs = memory.silentSinceMs ?? nowMs;
  const next = { misses: memory.misses + 1, silentSinceMs };
  const silentMs = nowMs - silentSinceMs;
  const isLong = next.misses >= MISSES_MIN && silentMs >= policy.opsIntervalMs;
  if (!isLong || isStarting(observed, nowMs)) return { memory: next, findings: [] };
  const controls = controlsOf(observed.components);
  const isThere = controls.some(({ isReady }) => isReady);
  const names = controls.map(({ isReady, name }) => `${name} ${isReady ? "is ready" : "is not"}`);
  const evidence = `no answer within ${formatDuration(policy.opsAnswerTimeoutMs)}, ${next.misses} times in ${formatDuration(silentMs)}; ${names.join(", ") || "no control plane is listed"}`;
  const cause = isThere ? "control-wedged" : "control-down";
  const finding = { cause, subject: controlSubject, severity: "act", evidence } as const;
  return { memory: next, findings: [{ ...finding, sinceMs: silentSinceMs }] };
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
