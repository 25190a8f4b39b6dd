/** Builds that wait although slots are free. */
import { formatDuration } from "#base/units.ts";
import type { OperatorStatus } from "../operations/status.ts";
import type { Policy } from "../policy.ts";
import type { Detected } from "./observed.ts";

/** Since when. */
export type IdleBuildsMemory = number | null;

export function detectIdleBuilds(
  memory: IdleBuildsMemory,
  { queued, running, slots }: Pick<OperatorStatus["builds"], "queued" | "running" | "slots">,
  policy: Pick<Policy, "buildsIdleMs">,
  nowMs: number,
): Detected<IdleBuildsMemory> {
  if (queued === 0 || running >= slots) return { memory: null, findings: [] };
  const sinceMs = memory ?? nowMs;
  if (nowMs - sinceMs < policy.buildsIdleMs) return { memory: sinceMs, findings: [] };
  const evidence = `${queued} builds wait and ${running} of ${slots} slots are in use for ${formatDuration(nowMs - sinceMs)}`;
  const subject = { kind: "cluster", name: "builds" } as const;
  const finding = { cause: "build-slots-idle", subject, severity: "act", evidence } as const;
  return { memory: sinceMs, findings: [{ ...finding, sinceMs }] };
}
