/** A release of Bindery itself on its way: preflight, staging, gate, production, bake, done or back. */

/** Where a release can be put to work. */
export type ReleaseStage = "staging" | "production";

export type RolloutPhase =
  | "preflight"
  | "staging"
  | "gate"
  | "production"
  | "bake"
  | "rolling-back";

/** Why a rollout ended as it did. `transient`: the same release may succeed later. */
export type RolloutCause =
  | "missing-artifact"
  | "deploy-failed"
  | "gate"
  | "slope"
  | "transient"
  | "operator";

/** Something that was asked of the outside and has not answered yet. */
export interface UnderWay {
  readonly id: number;
  readonly sinceMs: number;
}

export interface Rollout {
  readonly release: string;
  readonly isEmergency: boolean;
  readonly submittedAtMs: number;
  readonly phase: RolloutPhase;
  readonly phaseSinceMs: number;
  /** What ran before; null until it was asked. */
  readonly previous: Readonly<Record<ReleaseStage, string>> | null;
  /** Stages on which this release was or may be put to work, in order. */
  readonly touched: readonly ReleaseStage[];
  readonly underWay: UnderWay | null;
  /** Failures for a fault of the moment, of the step that is due. */
  readonly failures: number;
  readonly retryAtMs: number;
  /** When rolling back: why, and since when. */
  readonly fall: {
    readonly cause: RolloutCause;
    readonly because: string;
    readonly atMs: number;
  } | null;
}

export interface RolloutEnd {
  readonly release: string;
  readonly atMs: number;
  /** `refused`: nothing was touched. */
  readonly outcome: "done" | "refused" | "rolled-back";
  readonly cause: RolloutCause | null;
  readonly because: string;
  readonly previous: Readonly<Record<ReleaseStage, string>> | null;
  readonly touched: readonly ReleaseStage[];
}

export interface ReleaseWish {
  readonly release: string;
  /** Goes on while other releases wait for an incident to pass. */
  readonly isEmergency: boolean;
  readonly atMs: number;
}

export interface ReleaseState {
  readonly queue: readonly ReleaseWish[];
  readonly current: Rollout | null;
  /** Newest first, a few. */
  readonly ended: readonly RolloutEnd[];
  readonly nextStepId: number;
}

export const NO_RELEASES: ReleaseState = { queue: [], current: null, ended: [], nextStepId: 1 };

export const ENDED_KEPT_MAX = 20;
export const WISHES_MAX = 20;

/** How one canary of the gate went. */
export interface GateCanary {
  readonly kind: "cached" | "cold";
  /** Its session's own URL answered. */
  readonly hasReached: boolean;
  /** `ready` was said before that URL answered. */
  readonly wasToldTooEarly: boolean;
  readonly because: string | null;
}

/** What is to be done outside; its answer comes back as a `StepResult` with the same id. */
export type RolloutStep =
  /** `withArtifacts: false` only reads what runs now. */
  | {
      readonly kind: "inspect";
      readonly id: number;
      readonly release: string;
      readonly withArtifacts: boolean;
    }
  | {
      readonly kind: "deploy";
      readonly id: number;
      readonly release: string;
      readonly stage: ReleaseStage;
      /** Why, when it is a way back. */
      readonly rollbackBecause: string | null;
    }
  | {
      readonly kind: "gate";
      readonly id: number;
      readonly release: string;
      readonly cached: number;
      readonly cold: number;
    };

export type StepResult =
  | {
      readonly kind: "inspected";
      readonly id: number;
      readonly missing: readonly string[];
      readonly current: Readonly<Record<ReleaseStage, string>>;
    }
  | { readonly kind: "deployed"; readonly id: number }
  /** The first that failed, or all that there are. */
  | { readonly kind: "gated"; readonly id: number; readonly canaries: readonly GateCanary[] }
  | {
      readonly kind: "failed";
      readonly id: number;
      /** A fault of the moment is tried again, any other is not. */
      readonly isTransient: boolean;
      readonly because: string;
    };
