/** A machine that runs sessions: what the cluster says of it, and what our own probes say. */

/** What keeps new sessions off a node. `unproven`: it joined and was not probed yet. */
export type NodeBar = "unproven" | "quarantined" | "cordoned" | "draining";

export interface NodeObservation {
  readonly name: string;
  readonly createdAtMs: number;
  /** What the cluster says; a node with a broken pod network is ready all the same. */
  readonly isReady: boolean;
  readonly bars: readonly NodeBar[];
  /** The last sign of life of the node's agent. */
  readonly heartbeatAtMs: number;
  readonly addresses: readonly string[];
  /** Sessions that it can hold. */
  readonly seats: number;
  /** Sessions bound to it that have not ended. */
  readonly sessions: number;
  readonly diskFreeRatio: number;
  readonly memoryFreeRatio: number;
  readonly isReadOnly: boolean;
  /** Machines without it cannot hold images. */
  readonly hasScratchDisk: boolean;
}

/** `disk`: no space is left to write a file; `read-only`: none can be written at all. */
export type NodeCheck = "pod-network" | "dns" | "registry" | "disk" | "read-only" | "logs";

/** What a probe from inside a pod on the node saw last. */
export interface NodeProbe {
  readonly node: string;
  readonly atMs: number;
  /** Empty when all is well. */
  readonly failures: readonly { readonly check: NodeCheck; readonly because: string }[];
}

/** How one start of a session on a node went; canaries count like everybody. */
export interface NodeOutcome {
  readonly node: string;
  readonly repoKey: string;
  readonly atMs: number;
  readonly isGood: boolean;
  /** `unreachable-after-start`, `stuck-before-start` … ; null when good. */
  readonly because: string | null;
}

/** New sessions may be placed on it. */
export function admits(node: NodeObservation): boolean {
  return node.isReady && node.bars.length === 0;
}

/** The cluster as capacity. */
export interface CapacityObservation {
  /** Machines that may exist at most. */
  readonly nodesMax: number;
  /** Machines that are being made. */
  readonly nodesComing: number;
  readonly seatsPerNode: number;
  /** From the wish for a machine to its first session; null when it was never seen. */
  readonly nodeBootMs: number | null;
  /** Sessions that no node has room for yet. */
  readonly pending: number;
  /** Pods that hold seats for people to come, and give way to them. */
  readonly placeholders: { readonly wanted: number; readonly running: number };
}
