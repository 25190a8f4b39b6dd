/** Where a launch stands, what it was told last, and what it can do next. */
import type { Environment } from "../environment/environment.ts";
import type { Plan } from "../environment/plan.ts";
import type { Failure } from "../errors.ts";
import type { ResolvedRepo } from "../repo/repo.ts";
import type { ObservedSession, SessionId, StartStep } from "../session/session.ts";
import type { LaunchEvent, LaunchWish } from "./launch.ts";

/** What a session is started from. */
export interface LaunchGround {
  readonly repo: ResolvedRepo;
  readonly plan: Plan;
  readonly environment: Environment;
}

/** A server that was started for the launch and has not answered yet. */
export interface Try {
  readonly sessionId: SessionId;
  readonly node: string | null;
  readonly step: StartStep;
  /** When it was first seen at this step: each step has its own limit. */
  readonly sinceMs: number;
}

export interface StartingStage {
  readonly kind: "starting";
  readonly ground: LaunchGround;
  /** Silent for long, and not given up: whichever answers first is taken. */
  readonly beside: readonly Try[];
}

export interface ProbingStage {
  readonly kind: "probing";
  /** More than one while a silent server has a rival elsewhere. */
  readonly tries: readonly Try[];
  /** Null when the sessions were found after a restart. */
  readonly ground: LaunchGround | null;
  /** What the person knows. */
  readonly told: { readonly step: StartStep; readonly atMs: number };
  /** When the driver is asked although no hint came. */
  readonly lookAtMs: number;
}

export type LaunchStage =
  | { readonly kind: "resolving" }
  | { readonly kind: "reading"; readonly repo: ResolvedRepo }
  | { readonly kind: "finding"; readonly repo: ResolvedRepo; readonly plan: Plan }
  | { readonly kind: "building"; readonly repo: ResolvedRepo; readonly plan: Plan }
  | {
      readonly kind: "seating";
      readonly ground: LaunchGround;
      readonly sinceMs: number;
      /** The place that the person was told last. */
      readonly position: number | null;
      readonly toldAtMs: number;
    }
  | StartingStage
  | ProbingStage
  | { readonly kind: "ended" };

/** What was tried so far; it outlives the stages. */
export interface Tried {
  /** Starts of a server. */
  readonly starts: number;
  /** Machines on which one of them failed or was silent for long. */
  readonly avoidNodes: readonly string[];
  /** Sessions that are being ended: they are not this launch's any more. */
  readonly givenUp: readonly SessionId[];
  /** Since when what we ask does not answer at all, or null. */
  readonly outageSinceMs: number | null;
  /** It waited for a build. */
  readonly hasBuilt: boolean;
}

export const NOTHING_TRIED: Tried = {
  starts: 0,
  avoidNodes: [],
  givenUp: [],
  outageSinceMs: null,
  hasBuilt: false,
};

export interface LaunchState {
  readonly wish: LaunchWish;
  readonly submittedAtMs: number;
  readonly stage: LaunchStage;
  readonly tried: Tried;
}

/** What came of the last action. */
export type LaunchAnswer =
  | { readonly kind: "resolved"; readonly repo: ResolvedRepo }
  | { readonly kind: "planned"; readonly plan: Plan }
  | { readonly kind: "environment"; readonly environment: Environment | null }
  | { readonly kind: "built"; readonly environment: Environment }
  | { readonly kind: "started"; readonly sessionId: SessionId }
  /** The first that answered, or null. */
  | { readonly kind: "probed"; readonly answering: SessionId | null }
  | { readonly kind: "looked" }
  /**
   * Nothing is known of what was asked: whoever should answer is not there. Where others are
   * answered meanwhile it is this failure if it goes on.
   */
  | { readonly kind: "outage"; readonly failure: Failure | null }
  | { readonly kind: "failed"; readonly failure: Failure };

/** What the control plane sees of this launch, besides the answer. */
export interface LaunchObserved {
  /** The sessions whose records name this launch, also from before a restart. */
  readonly sessions: readonly ObservedSession[];
  readonly seat:
    | { readonly kind: "none" }
    | {
        readonly kind: "waiting";
        readonly position: number;
        readonly waitMs: number | null;
        /** What is waited for, as the middle of a sentence. */
        readonly because?: string;
      }
    | { readonly kind: "taken" };
  /** For one that waits for a machine: its place among those, and how long it may take. */
  readonly placement: { readonly position: number; readonly waitMs: number | null };
  /** How long nearly all good starts took lately; null while too few are known. */
  readonly startP95Ms: number | null;
  /** Two servers of one launch hold two seats for a moment: there is one to spare. */
  readonly hasSpareSeat: boolean;
  readonly isCancelled: boolean;
}

export type LaunchAction =
  | { readonly kind: "resolve" }
  | { readonly kind: "read"; readonly repo: ResolvedRepo }
  | { readonly kind: "find-environment"; readonly repo: ResolvedRepo; readonly plan: Plan }
  /** Joins the one build of this key and answers when it ended. */
  | { readonly kind: "build"; readonly repo: ResolvedRepo; readonly plan: Plan }
  | { readonly kind: "ask-for-seat" }
  | {
      readonly kind: "start";
      /** Which of the launch's starts it is, from 1: the same one may be asked for again. */
      readonly start: number;
      readonly ground: LaunchGround;
      readonly isWarmAllowed: boolean;
      readonly avoidNodes: readonly string[];
      /** Sessions of earlier attempts, to be stopped and removed first. */
      readonly replaces: readonly SessionId[];
    }
  /** Answers as soon as one of them does; whoever is silent for `limitMs` does not. */
  | {
      readonly kind: "probe";
      readonly limitMs: number;
      readonly sessions: readonly { readonly id: SessionId; readonly token: string }[];
    }
  /** Asks the driver, in case a hint was lost. */
  | { readonly kind: "look"; readonly sessionIds: readonly SessionId[] }
  /** These are ended while the launch goes on. */
  | { readonly kind: "drop"; readonly sessionIds: readonly SessionId[] }
  /** Nothing to do until something changes, at the latest then. */
  | { readonly kind: "wait"; readonly untilMs: number }
  /** The end: leave the build, give the seat back if no session came of it, stop what is unready. */
  | { readonly kind: "finish"; readonly stopSessions: readonly SessionId[] };

export type NewLaunchEvent = Omit<LaunchEvent, "number" | "atMs">;

/** How a start on a node went. */
export interface StartOutcome {
  readonly node: string;
  readonly isGood: boolean;
  /** Null when good. */
  readonly because: string | null;
  /** On the machine until the answer; null when that says nothing of starts. */
  readonly tookMs: number | null;
}

export interface LaunchDecision {
  readonly stage: LaunchStage;
  readonly events: readonly NewLaunchEvent[];
  readonly action: LaunchAction;
  /** As before when absent. */
  readonly tried?: Tried;
  readonly outcomes?: readonly StartOutcome[];
}
