/** All that an operator sees at one look, and all that detection rests on. */
import type { Finding } from "../incident/finding.ts";
import type { CapacityObservation, NodeObservation, NodeProbe } from "../nodes/node.ts";

export interface NodeStatus {
  readonly node: NodeObservation;
  readonly probe: NodeProbe | null;
  /** `healthy`, or why not: what the node's health decision says. */
  readonly health: string;
}

/** Counters since the control plane started; a restart begins at 0 again. */
export interface LaunchCounts {
  readonly asked: number;
  readonly ready: number;
  /** Ready at the first start of a server, and never silent for a minute on the way. */
  readonly readyFirstTry: number;
  /** Failed by the platform's fault. */
  readonly failedByPlatform: number;
  readonly failedOtherwise: number;
  readonly refused: number;
}

export interface OperatorStatus {
  readonly atMs: number;
  /** When this control plane began to decide. */
  readonly sinceMs: number;
  readonly loops: readonly {
    readonly name: string;
    readonly lastProgressAtMs: number;
    readonly isStalled: boolean;
    readonly restarts: number;
  }[];
  readonly launches: LaunchCounts & {
    readonly underWay: number;
    /** Seated and without a new event for the longest time. */
    readonly longestSilenceMs: number;
  };
  readonly seats: {
    readonly used: number;
    readonly ready: number;
    readonly max: number;
    readonly waiting: number;
    /** By which share the waits that people were told were wrong, lately; null: nobody waited. */
    readonly waitEstimateErrorMedian?: number | null;
  };
  readonly builds: {
    readonly running: number;
    readonly queued: number;
    readonly slots: number;
    readonly watchersMax: number;
    /** Failures for reasons of a host that was asked, lately: host → distinct repositories. */
    readonly failuresByHost: Readonly<Record<string, number>>;
  };
  readonly nodes: readonly NodeStatus[];
  readonly capacity: CapacityObservation;
  readonly culler: { readonly asked: number; readonly refused: number };
  /** What the loops of the control plane found themselves: nodes, loops, watch, orphans, overdue. */
  readonly findings: readonly Finding[];
}
