/** The words of node health: what is remembered between two looks, what is seen, what comes of it. */
import type { Cause, Finding } from "../incident/finding.ts";
import type { Policy } from "../policy.ts";
import type { NodeCheck, NodeObservation, NodeOutcome, NodeProbe } from "./node.ts";

export type NodePolicy = Pick<
  Policy,
  | "nodeGateProbes"
  | "nodeProbeFailuresMax"
  | "nodeProbeSilenceMs"
  | "nodeHeartbeatMaxMs"
  | "nodeDiskFreeMin"
  | "nodeDiskFullAt"
  | "nodeMemoryFreeMin"
  | "nodeOutcomeWindowMs"
  | "nodeOutcomeFailuresMax"
  | "nodeStuckMs"
  | "quarantineIntervalMs"
  | "quarantineShareMax"
  | "nodesHealthyMin"
  | "nodeReleaseProbes"
  | "nodeReleasesMax"
  | "nodeQuarantineMaxMs"
  | "nodeAgeMaxMs"
  | "recyclesMax"
>;

/** A check that failed in the latest probes, without a good one between. */
export interface FailingCheck {
  readonly check: NodeCheck;
  readonly count: number;
  readonly sinceMs: number;
  readonly because: string;
}

export interface Quarantine {
  readonly sinceMs: number;
  /** Null when it was not ours, or from before the control plane was started. */
  readonly cause: Cause | null;
  readonly because: string;
}

export type NodeAction =
  /** The gate opens: the node was proven. */
  | { readonly kind: "admit"; readonly node: string; readonly because: string }
  | {
      readonly kind: "quarantine";
      readonly node: string;
      readonly cause: Cause;
      readonly because: string;
    }
  | { readonly kind: "release"; readonly node: string; readonly because: string }
  | { readonly kind: "drain"; readonly node: string; readonly because: string }
  | { readonly kind: "recycle"; readonly node: string; readonly because: string };

export interface NodeMemory {
  /** Another node of the same name is another node. */
  readonly createdAtMs: number;
  readonly seenAtMs: number;
  /** The probe that was counted last; null when there was none. */
  readonly probeAtMs: number | null;
  /** Good probes in a row; from 0 again when a quarantine begins. */
  readonly goodProbes: number;
  readonly failing: readonly FailingCheck[];
  /** Looks in a row that saw it without a sign of life for too long. */
  readonly lostLooks: number;
  /** Since when the same thing is wrong with it. */
  readonly fault: { readonly cause: Cause; readonly sinceMs: number } | null;
  readonly quarantine: Quarantine | null;
  readonly releases: number;
  /** What was asked for last: not again before it can be seen, whatever came of it. */
  readonly asked: { readonly action: NodeAction; readonly atMs: number } | null;
  /** In words: `healthy`, or why not. */
  readonly health: string;
}

/** What launches told of nodes within the window. */
export interface OutcomeMemory {
  /** Oldest first. */
  readonly failures: readonly NodeOutcome[];
  /** The last good start, by node. */
  readonly goodAtMs: ReadonlyMap<string, number>;
  /** The last good start anywhere, of repositories that are among the failures. */
  readonly repoGoodAtMs: ReadonlyMap<string, number>;
}

export interface NodeHealthState {
  readonly nodes: ReadonlyMap<string, NodeMemory>;
  readonly outcomes: OutcomeMemory;
  /** When nodes were put aside lately; `isSeen`: the cluster shows it. */
  readonly quarantines: readonly {
    readonly node: string;
    readonly atMs: number;
    readonly isSeen: boolean;
  }[];
  readonly isFirstLook: boolean;
}

export const NEW_NODE_HEALTH: NodeHealthState = {
  nodes: new Map(),
  outcomes: { failures: [], goodAtMs: new Map(), repoGoodAtMs: new Map() },
  quarantines: [],
  isFirstLook: true,
};

/** Sessions on a node whose servers have been starting for too long. */
export interface StuckStarts {
  readonly count: number;
  readonly oldestMs: number;
  readonly repoKeys: readonly string[];
}

export interface NodesObserved {
  readonly nodes: readonly NodeObservation[];
  readonly probes: readonly NodeProbe[];
  /** New since the last look. */
  readonly outcomes: readonly NodeOutcome[];
  readonly stuck: ReadonlyMap<string, StuckStarts>;
  /** Since when the cluster's API has answered every time: silence before says nothing of nodes. */
  readonly answeringSinceMs: number;
  /** Nodes that a person put aside: only a person takes them back. */
  readonly held: ReadonlySet<string>;
}

export interface NodeHealthDecision {
  readonly next: NodeHealthState;
  readonly actions: readonly NodeAction[];
  readonly findings: readonly Finding[];
}

/** Something wrong with one node that puts it aside. */
export interface NodeFault {
  readonly cause: Cause;
  readonly because: string;
  readonly sinceMs: number;
  /** Probes do not show when it is over: the node itself says so. */
  readonly isOfMachine: boolean;
}
