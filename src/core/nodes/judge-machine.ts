/** What a node says of itself: its disk, its memory, its heart. */
import { formatDuration } from "#base/units.ts";
import type { Finding } from "../incident/finding.ts";
import type { NodeObservation } from "./node.ts";
import type { NodeFault, NodeMemory, NodePolicy } from "./node-health.ts";

export function machineFault(
  node: NodeObservation,
  memory: NodeMemory,
  policy: NodePolicy,
  nowMs: number,
): NodeFault | null {
  const { diskFreeRatio, name } = node;
  const since = (cause: string) => (memory.fault?.cause === cause ? memory.fault.sinceMs : nowMs);
  if (node.isReadOnly && policy.nodeDiskFullAt > 0) {
    const because = `The file system of node ${name} is read-only: 0 of ${node.seats} seats can be started.`;
    return {
      cause: "node-read-only",
      because,
      sinceMs: since("node-read-only"),
      isOfMachine: true,
    };
  }
  if (diskFreeRatio < policy.nodeDiskFullAt) {
    const because = `Node ${name} has ${percent(diskFreeRatio)} of its disk left; below ${percent(policy.nodeDiskFullAt)} nothing can be pulled.`;
    return {
      cause: "node-disk-full",
      because,
      sinceMs: since("node-disk-full"),
      isOfMachine: true,
    };
  }
  return null;
}

const NOTHING: readonly Finding[] = [];

/** What is said of a node and puts it aside for nothing. */
export function machineFindings(
  node: NodeObservation,
  policy: NodePolicy,
  nowMs: number,
): readonly Finding[] {
  const { diskFreeRatio, memoryFreeRatio, name } = node;
  const isDiskFine = diskFreeRatio >= policy.nodeDiskFreeMin;
  const isMemoryFine = memoryFreeRatio >= policy.nodeMemoryFreeMin;
  if (node.hasScratchDisk && isDiskFine && isMemoryFine) return NOTHING;
  const findings: Finding[] = [];
  const subject = { kind: "node", name } as const;
  if (!node.hasScratchDisk) {
    const evidence = `Node ${name} has no scratch disk and so gets no images; it takes 0 of its ${node.seats} seats.`;
    const sinceMs = node.createdAtMs;
    findings.push({ cause: "node-no-scratch-disk", subject, severity: "act", evidence, sinceMs });
  }
  if (!isDiskFine && diskFreeRatio >= policy.nodeDiskFullAt) {
    const evidence = `Node ${name} has ${percent(diskFreeRatio)} of its disk left, less than ${percent(policy.nodeDiskFreeMin)}.`;
    findings.push({ cause: "node-disk-full", subject, severity: "note", evidence, sinceMs: nowMs });
  }
  if (!isMemoryFine) {
    const evidence = `Node ${name} has ${percent(memoryFreeRatio)} of its memory left, less than ${percent(policy.nodeMemoryFreeMin)}, with ${node.sessions} sessions.`;
    const cause = "node-out-of-memory";
    findings.push({ cause, subject, severity: "act", evidence, sinceMs: nowMs });
  }
  return findings;
}

/** Counts looks without a sign of life; while the cluster was silent, silence says nothing. */
export function countHeart(
  node: NodeObservation,
  memory: NodeMemory,
  answeringSinceMs: number,
  policy: NodePolicy,
  nowMs: number,
): NodeMemory {
  const aliveAtMs = Math.max(node.heartbeatAtMs, answeringSinceMs);
  const isLate = nowMs - aliveAtMs > policy.nodeHeartbeatMaxMs;
  if (isLate) return { ...memory, lostLooks: memory.lostLooks + 1 };
  return memory.lostLooks === 0 ? memory : { ...memory, lostLooks: 0 };
}

/** Two looks in a row, each answered by the cluster. */
const LOST_LOOKS = 2;

export function isLost({ lostLooks }: NodeMemory): boolean {
  return lostLooks >= LOST_LOOKS;
}

export function lostFault(
  node: NodeObservation,
  memory: NodeMemory,
  policy: NodePolicy,
  nowMs: number,
): NodeFault | null {
  if (!isLost(memory)) return null;
  const because = lostEvidence(node, memory, policy, nowMs);
  return { cause: "node-lost", because, sinceMs: node.heartbeatAtMs, isOfMachine: true };
}

export function lostEvidence(
  node: NodeObservation,
  memory: NodeMemory,
  policy: NodePolicy,
  nowMs: number,
): string {
  const silence = formatDuration(nowMs - node.heartbeatAtMs);
  const limit = formatDuration(policy.nodeHeartbeatMaxMs);
  return `Node ${node.name} gave no sign of life for ${silence} (limit ${limit}) in ${memory.lostLooks} looks that the cluster answered; ${node.sessions} sessions were on it.`;
}

export function percent(ratio: number): string {
  return `${Math.round(ratio * 1_000) / 10} %`;
}
