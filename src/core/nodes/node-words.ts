/** The health of a node in words, for those who look at the list of nodes. */
import { formatDuration } from "#base/units.ts";
import { isLost } from "./judge-machine.ts";
import type { NodeObservation } from "./node.ts";
import type { NodeFault, NodeMemory, NodePolicy } from "./node-health.ts";

/** `healthy`, or why not. */
export function healthWords(
  node: NodeObservation,
  memory: NodeMemory,
  fault: NodeFault | null,
  held: string | undefined,
  policy: NodePolicy,
  nowMs: number,
): string {
  const { bars } = node;
  const because = fault === null ? "" : `: ${fault.because}`;
  if (isLost(memory)) {
    return `lost: no sign of life for ${formatDuration(nowMs - node.heartbeatAtMs)}`;
  }
  if (memory.quarantine !== null) {
    const aside = formatDuration(nowMs - memory.quarantine.sinceMs);
    return `quarantined for ${aside}: ${fault?.because ?? memory.quarantine.because}`;
  }
  if (bars.includes("unproven")) {
    if (!node.hasScratchDisk) return "not admitted: it has no scratch disk";
    if (fault !== null) return `not admitted${because}`;
    return `unproven: ${memory.goodProbes} of ${policy.nodeGateProbes} good probes`;
  }
  if (fault !== null) return held === undefined ? `bad${because}` : `bad, not put aside${because}`;
  if (bars.includes("cordoned")) return "cordoned";
  if (bars.includes("draining")) return `draining: ${node.sessions} sessions left`;
  if (!node.isReady) return "not ready";
  const ageMs = nowMs - node.createdAtMs;
  if (ageMs >= policy.nodeAgeMaxMs) return `old: ${formatDuration(ageMs)}`;
  return "healthy";
}
