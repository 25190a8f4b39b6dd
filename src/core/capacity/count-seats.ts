/** What the machines hold: seats that are there, seats that come, and seats that could be made. */
import { admits, type CapacityObservation, type NodeObservation } from "../nodes/node.ts";
import type { Policy } from "../policy.ts";

export interface ClusterSeats {
  /** On machines that take sessions. */
  readonly now: number;
  /** Of `now`, those that nobody sits on; placeholders give way. */
  readonly free: number;
  /** Sessions on machines that take sessions, canaries included. */
  readonly used: number;
  /** On machines that are being made. */
  readonly coming: number;
  /** On machines that may still be made. */
  readonly possible: number;
  /** Machines that count as no capacity. */
  readonly barred: readonly string[];
}

type Cluster = Pick<CapacityObservation, "nodesMax" | "nodesComing" | "seatsPerNode">;

/** A machine that takes no sessions holds none, and its sessions take nothing from the others. */
export function countSeats(
  nodes: readonly NodeObservation[],
  { nodesComing, nodesMax, seatsPerNode }: Cluster,
  { isBarredNodeCounted }: Pick<Policy, "isBarredNodeCounted">,
): ClusterSeats {
  let now = 0;
  let used = 0;
  const barred: string[] = [];
  for (const node of nodes) {
    if (admits(node) || isBarredNodeCounted) {
      now += node.seats;
      used += node.sessions;
    } else barred.push(node.name);
  }
  const toMake = Math.max(0, nodesMax - nodes.length - nodesComing);
  return {
    now,
    used,
    free: Math.max(0, now - used),
    coming: nodesComing * seatsPerNode,
    possible: toMake * seatsPerNode,
    barred,
  };
}
