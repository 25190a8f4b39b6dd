/** Event loops that lag: a component answers, but late. */
import { formatDuration } from "#base/units.ts";
import type { Finding } from "../incident/finding.ts";
import type { Policy } from "../policy.ts";
import type { ComponentLook, Detected } from "./observed.ts";

/** Component → since when it lags. */
export type SlownessMemory = ReadonlyMap<string, number>;

const NOTHING: Detected<SlownessMemory> = { memory: new Map(), findings: [] };

export function detectSlowness(
  memory: SlownessMemory,
  components: readonly ComponentLook[],
  policy: Pick<Policy, "loopLagMaxMs" | "loopLagForMs">,
  nowMs: number,
): Detected<SlownessMemory> {
  if (!components.some((one) => lags(one, policy))) return NOTHING;
  const next = new Map<string, number>();
  const findings: Finding[] = [];
  for (const component of components) {
    if (!lags(component, policy)) continue;
    const { loopLagMs, name } = component;
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

function lags(
  component: ComponentLook,
  { loopLagMaxMs }: Pick<Policy, "loopLagMaxMs">,
): component is ComponentLook & { readonly loopLagMs: number } {
  return component.loopLagMs !== null && component.loopLagMs > loopLagMaxMs;
}
