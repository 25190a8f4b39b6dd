/** A drill as a value: a world, its people, what happens to them, and what must hold. */
import type { Policy } from "#core/policy.ts";
import type { ArgumentValues } from "./argument.ts";

export interface Drill {
  readonly name: string;
  readonly title: string;
  /** The published incident that it repeats; null when it repeats none. */
  readonly incident: string | null;
  readonly story: string;
  /** Parts whose real driver does not exist yet. */
  readonly simulatedOnly: readonly string[];
  readonly starts: DrillStart;
  readonly lastsMs: number;
  readonly world: WorldSpec;
  /** Beside the policy of a cluster. */
  readonly policy: Partial<Policy>;
  readonly arrivals: readonly Arrivals[];
  /** In order of time. */
  readonly events: readonly DrillEvent[];
  /** Beside the common criteria. */
  readonly must: readonly Criterion[];
  /** Common criteria that do not hold here, each with the reason. */
  readonly except: Readonly<Partial<Record<CommonCriterion, string>>>;
  readonly ablations: readonly Ablation[];
}

/** The wall clock at the beginning, and the zone in which times are shown. */
export interface DrillStart {
  readonly atMs: number;
  /** East of Greenwich is positive. */
  readonly zoneMs: number;
}

/** Everything has a default: `DEFAULT_WORLD`. */
export interface WorldSpec {
  readonly cluster: ClusterSpec;
  readonly control: { readonly replicas: number };
  readonly edge: {
    readonly replicas: number;
    /** Requests to sessions and pages that go through the edge besides those of launches. */
    readonly requestsPerHour: number;
    /** Requests for sessions that have ended go to the control plane; else the edge answers them itself. */
    readonly isEndedForControl: boolean;
  };
  readonly builds: {
    /** Null: as many as the policy's buildsMax. */
    readonly slots: number | null;
    readonly length: Distribution;
    readonly memoryBytes: number;
    /** Their logs are read through the cluster's API; else the builder tells them itself. */
    readonly areLogsOfCluster: boolean;
  };
  readonly images: {
    /** Every node that exists at the start holds every image. */
    readonly areCached: boolean;
  };
  /** By name; who is missing here is built and asks for nothing special. */
  readonly repos: Readonly<Record<string, RepoSpec>>;
  readonly sessions: {
    /** At the start, of the repositories that the arrivals name. */
    readonly running: number;
    readonly length: Distribution;
  };
  readonly quotas: readonly QuotaSpec[];
  readonly certificates: readonly CertificateSpec[];
  /** Empty: one cluster without fellows. The first one is the cluster of this world. */
  readonly members: readonly MemberSpec[];
  /** What runs in staging and production at the start. */
  readonly release: string;
}

export interface ClusterSpec {
  readonly nodes: number;
  readonly seatsPerNode: number;
  readonly nodesMax: number;
  /** How far Bindery itself may raise the maximum. */
  readonly nodesMaxBudget: number;
  readonly nodeBootMs: number;
  /** A machine without sessions goes after this time. */
  readonly nodeIdleMs: number;
  readonly nodeMemoryBytes: number;
  readonly imagePullMs: number;
  /** Boots and pulls take exactly so long. */
  readonly isExact: boolean;
  readonly sessionStartMs: number;
  readonly scheduler: "spread" | "pack";
  readonly placeholders: number;
}

export interface RepoSpec {
  readonly isBuilt: boolean;
  /** Null: the world's `builds.length`. */
  readonly buildLength: Distribution | null;
  /** Time to pull its image; null: the cluster's `imagePull`. */
  readonly pullMs: number | null;
  /** Host that its build downloads from. */
  readonly upstream: string;
  /** Its server never answers, wherever it runs: a repository that is broken, not a node. */
  readonly isBroken: boolean;
}

export interface QuotaSpec {
  readonly name: string;
  readonly hard: number;
}

export interface CertificateSpec {
  readonly host: string;
  /** From the start of the drill. */
  readonly validForMs: number;
}

export interface MemberSpec {
  readonly name: string;
  readonly weight: number;
  readonly isFull: boolean;
}

export type Distribution =
  | { readonly kind: "fixed"; readonly valueMs: number }
  | { readonly kind: "exp"; readonly meanMs: number }
  | { readonly kind: "uniform"; readonly fromMs: number; readonly toMs: number };

/** People who come for the same reason and behave alike. */
export interface Arrivals {
  readonly when:
    | {
        readonly kind: "rate";
        /** Piecewise linear, level after the last point; two points of one time are a step. */
        readonly points: readonly RatePoint[];
        /** In each such span as many come as the points say; without it their number is chance, too. */
        readonly countedPerMs?: number;
      }
    | {
        readonly kind: "burst";
        readonly people: number;
        readonly atMs: number;
        readonly withinMs: number;
      };
  /** Shares add up to 1. */
  readonly repos: readonly RepoShare[];
  /** Null: the world's `sessions.length`. */
  readonly length: Distribution | null;
  /** What the tab of an ended session goes on asking; null when people close their tabs. */
  readonly polling: { readonly perHour: number; readonly forMs: number } | null;
  /** Somebody who waits longer leaves. */
  readonly patienceMs: number;
  /** Times that somebody tries again after a failure. */
  readonly retries: number;
  /** They follow the build and want no session. */
  readonly isWatching: boolean;
  /** So many that they share; without it each of them has one. */
  readonly addresses?: number;
}

export interface RatePoint {
  readonly atMs: number;
  readonly perHour: number;
}

/** With `zipf` the share is that of `NAME-1` … `NAME-count`, the first ones far ahead. */
export interface RepoShare {
  readonly repo: string;
  readonly share: number;
  readonly zipf: number | null;
}

export interface DrillEvent {
  readonly atMs: number;
  /** A name of FAULT_VERBS. */
  readonly verb: string;
  /** Complete: defaults are filled in. */
  readonly values: ArgumentValues;
  readonly line: number;
}

/** A measured value between two limits; `isNever`: nothing may have been measured. */
export interface Criterion {
  readonly name: string;
  readonly measure: string;
  readonly of: ArgumentValues;
  readonly atLeast: number | null;
  readonly atMost: number | null;
  readonly isNever: boolean;
}

/** `facts/drills.md` 1.0: detection, mitigation, sessions, human commands, automation, control run, resolution. */
export const COMMON_CRITERIA = ["D", "M", "S", "H", "A", "C", "R"] as const;
export type CommonCriterion = (typeof COMMON_CRITERIA)[number];

/** A run without protections, or in a world that is made another way: it must fail, which proves that the drill bites. */
export interface Ablation {
  readonly name: string;
  /** Names of PROTECTIONS. */
  readonly without: readonly string[];
  /** Over the drill's own. */
  readonly policy: Partial<Policy>;
  /** Null: the drill's own. */
  readonly world: WorldSpec | null;
  /** Names of criteria or letters of common ones, each of which must fail; empty: at least one must. */
  readonly fails: readonly string[];
  /** What such a run must reproduce. */
  readonly shows: readonly Criterion[];
}
