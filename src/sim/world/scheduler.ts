/** Where the real scheduler would put a pod: least or most loaded first, among the nodes that admit. */
import type { PretendNode } from "./node.ts";
import type { Pod } from "./node.ts";
import { takesSeat } from "./pods.ts";

export type Spreading = "spread" | "pack";

/** Null when no node has room. A placeholder gives way to a person, never to another placeholder. */
export function chooseNode(
  pod: Pod,
  nodes: Iterable<PretendNode>,
  spreading: Spreading,
): PretendNode | null {
  let best: PretendNode | null = null;
  let bestScore = Number.NEGATIVE_INFINITY;
  for (const node of nodes) {
    if (!node.isAdmitting || !hasRoom(node, pod)) continue;
    const score = scoreOf(node, pod, spreading);
    if (score > bestScore) {
      best = node;
      bestScore = score;
    }
  }
  return best;
}

function hasRoom(node: PretendNode, pod: Pod): boolean {
  if (!takesSeat(pod.role)) return true;
  if (pod.role === "placeholder") return node.freeSeats > 0;
  return node.seats - node.sessions > 0;
}

function scoreOf(node: PretendNode, pod: Pod, spreading: Spreading): number {
  // Whoever failed there before goes elsewhere while there is an elsewhere.
  const avoided = pod.avoidNodes.includes(node.name) ? -1e9 : 0;
  // Replicas of one role do not share a node when they need not.
  const twins = takesSeat(pod.role) ? 0 : countOf(node, pod.role) * -1e6;
  const load = takesSeat(pod.role) ? node.sessions + node.placeholders : node.pods.size;
  // A free seat is better than one that a placeholder has to leave.
  const preemption = takesSeat(pod.role) && node.freeSeats <= 0 ? -1e5 : 0;
  return avoided + twins + preemption + (spreading === "spread" ? -load : load);
}

function countOf(node: PretendNode, role: Pod["role"]): number {
  let count = 0;
  for (const pod of node.pods) if (pod.role === role) count += 1;
  return count;
}
