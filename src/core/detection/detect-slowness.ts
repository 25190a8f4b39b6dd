/** Event loops that lag: a component answers, but late. */
import { formatDuration } from "#base/units.ts";
import type { Finding } from "../incident/finding.ts";
import type { Policy } from "../policy.ts";
import type { ComponentLook, Detected } from "./observed.ts";

/** Component → since when it lags. */
export type SlownessMemory = ReadonlyMap<string, number>;

export function detectSlowness(
  memory: SlownessMemory,
  components: readonly ComponentLook[],
  policy: Pick<Policy, "loopLagMaxMs" | "loopLagForMs">,
  nowMs: number,
): Detected<SlownessMemory> {
  const next = new Map<string, number>();
  const findings: Finding[] = [];
  for (const { loopLagMs, name } of components) {
    if (loopLagMs === null || loopLagMs <= policy.loopLagMaxMs) continue;
    const sinceMs = memory.get(name) ?? nowMs;
    next.set(name, sinceMs);
    if (nowMs - sinceMs < policy.loopLagForMs) continue;
    findings.push({
      cause: "control-slow",
      subject: { kind: "component", name },
      severity: "act",
      evidence: `the event loop of ${name} lags by ${formatDuration(loopLagMs)} (99th percentile), more than ${formatDuration(policy.loopLagMaxMs)} for ${formatDuration(nowMs - sinceMs)}`,
      sinceMs,
    });
  }
  return { memory: next, findings };
}
