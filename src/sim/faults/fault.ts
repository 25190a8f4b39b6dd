/** What every fault is: something done to the world, to whom, and how it ends. */
import type { ArgumentValues } from "../drill/argument.ts";
import type { PretendNode } from "../world/node.ts";
import type { World } from "../world/world.ts";

export interface FaultEffect {
  /** Names of the nodes, components, hosts, members and repositories that it hit. */
  readonly subjects: readonly string[];
  /** Makes it well again, when the event says `for`. */
  readonly undo?: () => void;
  /** The fault bites later: calls back at that moment, from which on its time counts. */
  readonly bites?: (bitten: () => void) => void;
}

export type Fault = (world: World, values: ArgumentValues) => FaultEffect;

export function textOf(values: ArgumentValues, name: string): string {
  const value = values[name];
  return typeof value === "string" ? value : "";
}

export function numberOf(values: ArgumentValues, name: string): number {
  const value = values[name];
  return typeof value === "number" ? value : 0;
}

export function listOf(values: ArgumentValues, name: string): readonly string[] {
  const value = values[name];
  return Array.isArray(value) ? (value as readonly string[]) : [];
}

/** The node that a drill means by a name or by `newest`, `busiest`, `leader` … */
export function chooseNode(world: World, which: string): PretendNode {
  const nodes = [...world.cluster.nodes.values()];
  const chosen = byName(world, nodes, which);
  if (chosen === undefined) throw new Error(`there is no node ${which} at this moment`);
  return chosen;
}

function byName(
  world: World,
  nodes: readonly PretendNode[],
  which: string,
): PretendNode | undefined {
  switch (which) {
    case "newest":
      return nodes.at(-1);
    case "oldest":
      return nodes[0];
    case "busiest":
      return [...nodes].sort((a, b) => b.sessions - a.sessions)[0];
    case "emptiest":
      return [...nodes].sort((a, b) => a.sessions - b.sessions)[0];
    case "leader":
      return world.control.leaderReplica?.pod.node ?? undefined;
    case "edge":
      return world.edge.replicas[0]?.pod.node ?? undefined;
    default:
      return world.cluster.nodes.get(which);
  }
}

/** Nodes by name, or all that hold an edge replica. */
export function chooseNodes(world: World, which: readonly string[]): PretendNode[] {
  const chosen = new Set<PretendNode>();
  for (const name of which) {
    if (name !== "edge") chosen.add(chooseNode(world, name));
    else for (const { pod } of world.edge.replicas) if (pod.node !== null) chosen.add(pod.node);
  }
  return [...chosen];
}
