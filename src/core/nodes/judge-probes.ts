/** What probes from inside a node say of it, and what they say of something that all nodes share. */
import { formatDuration } from "#base/units.ts";
import type { Cause, Finding } from "../incident/finding.ts";
import type { NodeCheck, NodeObservation, NodeProbe } from "./node.ts";
import type { FailingCheck, NodeFault, NodeMemory, NodePolicy } from "./node-health.ts";

/** The first of them that fails names the fault: the others often follow from it. */
const CAUSES: readonly (readonly [NodeCheck, Cause])[] = [
  ["pod-network", "node-pod-network"],
  ["dns", "node-dns"],
  ["read-only", "node-read-only"],
  ["disk", "node-disk-full"],
  ["registry", "node-registry"],
  ["logs", "node-no-address"],
];

/** A silent machine whose heart beats late is about to be lost: that is another fault. */
const HEART_BEATS_WITHIN = 0.4;
/** A node that joined has to start its first probe. */
const FIRST_PROBE_FACTOR = 2;

/** Counts the probe once, by its time; one from before the node was made is another node's. */
export function countProbe(
  memory: NodeMemory,
  probe: NodeProbe | undefined,
  silenceMaxMs: number,
  nowMs: number,
): { readonly memory: NodeMemory; readonly isNew: boolean } {
  const isNew =
    probe !== undefined &&
    probe.atMs > (memory.probeAtMs ?? memory.createdAtMs - 1) &&
    nowMs - probe.atMs <= silenceMaxMs;
  if (!isNew) return { memory, isNew };
  if (probe.failures.length === 0 && memory.failing.length === 0) {
    return { memory: { ...memory, probeAtMs: probe.atMs }, isNew };
  }
  const failing = probe.failures.map(({ check, because }): FailingCheck => {
    const before = memory.failing.find((known) => known.check === check);
    const count = (before?.count ?? 0) + 1;
    return { check, count, because, sinceMs: before?.sinceMs ?? probe.atMs };
  });
  return { memory: { ...memory, probeAtMs: probe.atMs, failing }, isNew };
}

/** What nothing is heard from counts as a machine without a network inside. */
export function withSilence(
  node: NodeObservation,
  memory: NodeMemory,
  policy: NodePolicy,
  nowMs: number,
): NodeMemory {
  const { nodeHeartbeatMaxMs, nodeProbeFailuresMax, nodeProbeSilenceMs } = policy;
  if (nodeProbeFailuresMax === Number.POSITIVE_INFINITY) return memory;
  const isNew = memory.probeAtMs === null;
  const sinceMs = memory.probeAtMs ?? Math.max(memory.createdAtMs, memory.seenAtMs);
  const limitMs = nodeProbeSilenceMs * (isNew ? FIRST_PROBE_FACTOR : 1);
  const isSilent = nowMs - sinceMs > limitMs;
  const isAlive = nowMs - node.heartbeatAtMs <= nodeHeartbeatMaxMs * HEART_BEATS_WITHIN;
  if (!isSilent || !isAlive) return memory;
  const silence = formatDuration(nowMs - sinceMs);
  const failing: FailingCheck = {
    check: "pod-network",
    count: nodeProbeFailuresMax,
    sinceMs,
    because: isNew
      ? `no probe has come since it was seen ${silence} ago`
      : `the last probe came ${silence} ago`,
  };
  const others = memory.failing.filter(({ check }) => check !== "pod-network");
  return { ...memory, goodProbes: 0, failing: [failing, ...others] };
}

/** Checks that fail on most nodes: what they ask is at fault, and no node. */
export function sharedChecks(memories: Iterable<NodeMemory>): ReadonlySet<NodeCheck> {
  let probed = 0;
  const failed = new Map<NodeCheck, number>();
  for (const { failing, probeAtMs } of memories) {
    if (probeAtMs !== null || failing.length > 0) probed += 1;
    for (const { check } of failing) failed.set(check, (failed.get(check) ?? 0) + 1);
  }
  const shared = new Set<NodeCheck>();
  for (const [check, count] of failed) if (count >= 2 && count > probed / 2) shared.add(check);
  return shared;
}

/** A node that nobody can read logs through may be good otherwise. */
export function isProbeGood({ failing }: NodeMemory, shared: ReadonlySet<NodeCheck>): boolean {
  return failing.every(({ check }) => check === "logs" && shared.has("logs"));
}

export function probeFault(
  node: NodeObservation,
  memory: NodeMemory,
  shared: ReadonlySet<NodeCheck>,
  policy: NodePolicy,
): NodeFault | null {
  if (memory.failing.length === 0) return null;
  for (const [check, cause] of CAUSES) {
    const failing = memory.failing.find((known) => known.check === check);
    if (failing === undefined || failing.count < policy.nodeProbeFailuresMax) continue;
    if (check === "logs" && shared.has("logs") && node.addresses.length === 0) {
      const because = `Node ${node.name} has no address, and logs can be read from no node: ${failing.because}.`;
      return { cause, because, sinceMs: failing.sinceMs, isOfMachine: true };
    }
    if (shared.has(check)) continue;
    const because = `The probe of ${check} on node ${node.name} failed ${times(failing.count)} in a row: ${failing.because}.`;
    return { cause, because, sinceMs: failing.sinceMs, isOfMachine: false };
  }
  return null;
}

/** One finding for each thing that fails on most nodes, and names no node. */
export function sharedFindings(
  memories: ReadonlyMap<string, NodeMemory>,
  shared: ReadonlySet<NodeCheck>,
  isExplained: (check: NodeCheck) => boolean,
  policy: NodePolicy,
): readonly Finding[] {
  const findings: Finding[] = [];
  for (const [check, cause] of CAUSES) {
    if (!shared.has(check) || isExplained(check)) continue;
    const failing = [...memories.values()].flatMap((memory) =>
      memory.failing.filter((known) => known.check === check),
    );
    const [first] = failing;
    if (first === undefined) continue;
    if (!failing.some(({ count }) => count >= policy.nodeProbeFailuresMax)) continue;
    const evidence = `The probe of ${check} fails on ${failing.length} of ${memories.size} nodes, so that no node is at fault: ${first.because}.`;
    const sinceMs = Math.min(...failing.map((known) => known.sinceMs));
    const subject = { kind: "cluster", name: "cluster" } as const;
    findings.push({ cause, subject, severity: "page", evidence, sinceMs });
  }
  return findings;
}

function times(count: number): string {
  return count === 1 ? "once" : `${count} times`;
}
