/** The way back: what is proven is admitted, what holds is released, what stays bad is replaced. */
import { formatDuration, MINUTE_MS } from "#base/units.ts";
import { admits, type NodeObservation } from "./node.ts";
import type { NodeAction, NodeFault, NodeMemory, NodePolicy } from "./node-health.ts";
import { VISIBLE_WITHIN_MS } from "./decide-quarantine.ts";

/** A machine takes a while to be switched off and deleted. */
const RECYCLED_WITHIN_MS = 5 * MINUTE_MS;

/** Asked for and not visible yet: asking again would only be written down twice. */
export function isAsked({ asked }: NodeMemory, kind: NodeAction["kind"], nowMs: number): boolean {
  if (asked === null) return false;
  const limitMs = asked.action.kind === "recycle" ? RECYCLED_WITHIN_MS : VISIBLE_WITHIN_MS;
  const isSame = asked.action.kind === kind || asked.action.kind === "recycle";
  return isSame && nowMs - asked.atMs < limitMs;
}

/** A node that joined: admitted once it is proven, replaced when it stays unfit. */
export function decideGate(
  node: NodeObservation,
  memory: NodeMemory,
  fault: NodeFault | null,
  policy: NodePolicy,
  nowMs: number,
): NodeAction | null {
  if (!node.hasScratchDisk) return null;
  const { name } = node;
  const { goodProbes } = memory;
  if (policy.nodeGateProbes === 0 || (fault === null && goodProbes >= policy.nodeGateProbes)) {
    if (isAsked(memory, "admit", nowMs)) return null;
    const because = `${goodProbes} good probes in a row, of ${policy.nodeGateProbes}.`;
    return { kind: "admit", node: name, because };
  }
  if (fault === null || nowMs - fault.sinceMs < policy.nodeQuarantineMaxMs) return null;
  const waited = formatDuration(nowMs - fault.sinceMs);
  return recycleEmpty(
    node,
    memory,
    `It was not fit for ${waited}: ${fault.because}`,
    policy,
    nowMs,
  );
}

/** A node that was put aside. */
export function decideRelease(
  node: NodeObservation,
  memory: NodeMemory,
  fault: NodeFault | null,
  policy: NodePolicy,
  nowMs: number,
): NodeAction | null {
  const { goodProbes, quarantine, releases } = memory;
  if (quarantine === null) return null;
  const asideMs = nowMs - quarantine.sinceMs;
  const aside = formatDuration(asideMs);
  if (fault?.isOfMachine === true) return recycleEmpty(node, memory, fault.because, policy, nowMs);
  const hasMemory = node.memoryFreeRatio >= policy.nodeMemoryFreeMin;
  const isHealed = fault === null && hasMemory && goodProbes >= policy.nodeReleaseProbes;
  if (isHealed && releases < policy.nodeReleasesMax) {
    if (isAsked(memory, "release", nowMs)) return null;
    const because = `${goodProbes} good probes in a row on node ${node.name} since it was put aside ${aside} ago; released ${releases} times before.`;
    return { kind: "release", node: node.name, because };
  }
  if (!isHealed && asideMs < policy.nodeQuarantineMaxMs) return null;
  const because = isHealed
    ? `Node ${node.name} was released ${releases} times and put aside again each time.`
    : `Node ${node.name} did not recover within ${aside}, with ${goodProbes} good probes in a row.`;
  return recycleEmpty(node, memory, because, policy, nowMs);
}

function recycleEmpty(
  node: NodeObservation,
  memory: NodeMemory,
  because: string,
  policy: NodePolicy,
  nowMs: number,
): NodeAction | null {
  if (policy.recyclesMax === 0 || node.sessions > 0 || isAsked(memory, "recycle", nowMs))
    return null;
  return { kind: "recycle", node: node.name, because: `${because} No session is on it.` };
}

/** One old node at a time is emptied when the others have room, and replaced when it is empty. */
export function decideAging(
  nodes: readonly NodeObservation[],
  memories: ReadonlyMap<string, NodeMemory>,
  policy: NodePolicy,
  nowMs: number,
): NodeAction | null {
  if (policy.recyclesMax === 0) return null;
  const old = nodes.filter((node) => nowMs - node.createdAtMs >= policy.nodeAgeMaxMs);
  if (old.length === 0) return null;
  const draining = old.find(({ bars }) => bars.includes("draining"));
  if (draining !== undefined) {
    const memory = memories.get(draining.name);
    const because = oldBecause(draining, policy, nowMs);
    return memory === undefined ? null : recycleEmpty(draining, memory, because, policy, nowMs);
  }
  const open = old.filter(admits).sort((a, b) => a.createdAtMs - b.createdAtMs);
  for (const node of open) {
    const memory = memories.get(node.name);
    if (memory === undefined || isAsked(memory, "drain", nowMs)) return null;
    const others = nodes.filter((other) => other !== node && admits(other));
    const free = others.reduce((sum, { seats, sessions }) => sum + seats - sessions, 0);
    if (others.length < policy.nodesHealthyMin || free < Math.max(1, node.sessions)) continue;
    const because = `${oldBecause(node, policy, nowMs)} ${free} seats are free elsewhere for its ${node.sessions} sessions.`;
    return { kind: "drain", node: node.name, because };
  }
  return null;
}

function oldBecause({ createdAtMs, name }: NodeObservation, policy: NodePolicy, nowMs: number) {
  const limit = formatDuration(policy.nodeAgeMaxMs);
  return `Node ${name} is ${formatDuration(nowMs - createdAtMs)} old (limit ${limit}).`;
}
