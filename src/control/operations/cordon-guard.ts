/** Taking a node out by hand must leave somebody who serves: another node, and another edge replica. */
import { SECOND_MS } from "#base/units.ts";
import { admits, type NodeObservation } from "#core/nodes/node.ts";
import type { Clock } from "#ports/clock.ts";
import type { Cluster } from "#ports/cluster.ts";
import type { ComponentObservation, Components } from "#ports/components.ts";

export interface CordonGuardDeps {
  readonly cluster: Cluster;
  readonly components: Components | null;
  readonly clock: Clock;
}

/** How long a command waits for the edge to be ready elsewhere. */
const EDGE_WAIT_MS = 45 * SECOND_MS;
const EDGE_LOOK_MS = 1 * SECOND_MS;

/** Null when the node may be taken out, else why not. Starts an edge replica elsewhere first. */
export async function guardCordon(name: string, deps: CordonGuardDeps): Promise<string | null> {
  const nodes = await deps.cluster.nodes();
  const node = nodes.find((known) => known.name === name);
  if (node === undefined) return `there is no node ${name}`;
  const others = nodes.filter((other) => other !== node && admits(other)).length;
  if (admits(node) && others === 0) {
    return `${name} is the last of ${nodes.length} nodes that takes sessions`;
  }
  return await moveEdge(node, nodes, deps);
}

async function moveEdge(
  node: NodeObservation,
  nodes: readonly NodeObservation[],
  { clock, components }: CordonGuardDeps,
): Promise<string | null> {
  if (components === null) return null;
  const edges = await edgeReplicas(components);
  if (edges.length === 0 || serves(edges, node, nodes)) return null;
  const avoidNodes = nodes
    .filter((other) => other === node || !admits(other))
    .map(({ name }) => name);
  await components.surge("edge", avoidNodes);
  const untilMs = clock.monotonicMs() + EDGE_WAIT_MS;
  while (clock.monotonicMs() < untilMs) {
    if (serves(await edgeReplicas(components), node, nodes)) return null;
    await new Promise<void>((resolve) => void clock.setTimer(EDGE_LOOK_MS, resolve));
  }
  return `0 edge replicas would be left on nodes that take sessions; one was started elsewhere and is not ready yet`;
}

async function edgeReplicas(components: Components): Promise<readonly ComponentObservation[]> {
  return (await components.list()).filter(({ role }) => role === "edge");
}

/** A replica is ready on another node that takes work. */
function serves(
  edges: readonly ComponentObservation[],
  node: NodeObservation,
  nodes: readonly NodeObservation[],
): boolean {
  const others = new Set(
    nodes.filter((other) => other !== node && admits(other)).map(({ name }) => name),
  );
  return edges.some(
    (edge) => edge.isReady && edge.answers !== false && edge.node !== null && others.has(edge.node),
  );
}
