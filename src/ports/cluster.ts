/** The machines that sessions run on. One machine is a cluster of one. */
import type { EnvironmentKey } from "#core/environment/environment.ts";
import type { CapacityObservation, NodeBar, NodeObservation, NodeProbe } from "#core/nodes/node.ts";

export interface Cluster {
  /** Rejects when the cluster's API does not answer. */
  nodes(): Promise<readonly NodeObservation[]>;
  /** The latest look from inside a pod on each node; whoever is silent has an old `atMs`, or is missing. */
  probes(): Promise<readonly NodeProbe[]>;
  capacity(): Promise<CapacityObservation>;
  /** Keeps new sessions off the node; those on it live on. Idempotent. */
  bar(node: string, bar: NodeBar, because: string): Promise<void>;
  /** Idempotent. */
  unbar(node: string, bar: NodeBar): Promise<void>;
  /** Powers the machine off, then deletes it; what ran on it is gone. Idempotent. */
  recycle(node: string): Promise<void>;
  setNodesMax(nodesMax: number): Promise<void>;
  /** One that stands on a node that takes no sessions does not count: it is made anew. Idempotent. */
  setPlaceholders(count: number): Promise<void>;
  /** Every machine copies these environments ahead, also one that joins later. Idempotent. */
  setPrefetched(environments: readonly EnvironmentKey[]): Promise<void>;
  /** Calls back when nodes may have changed. A hint. */
  onHint(listener: () => void): () => void;
}
