/** Where a launch stands, what it was told last, and what it can do next. */
import type { Environment } from "../environment/environment.ts";
import type { Plan } from "../environment/plan.ts";
import type { Failure } from "../errors.ts";
import type { ResolvedRepo } from "../repo/repo.ts";
import type { ObservedSession, SessionId } from "../session/session.ts";
import type { LaunchEvent, LaunchWish } from "./launch.ts";

/** What a session is started from. */
export interface LaunchGround {
  readonly repo: ResolvedRepo;
  readonly plan: Plan;
  readonly environment: Environment;
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
    }
  | { readonly kind: "starting"; readonly ground: LaunchGround; readonly attempt: number }
  | {
      readonly kind: "probing";
      readonly sessionId: SessionId;
      readonly sinceMs: number;
      readonly attempt: number;
      /** Null when the session was found after a restart: then it is not started again. */
      readonly ground: LaunchGround | null;
    }
  | { readonly kind: "ended" };

export interface LaunchState {
  readonly wish: LaunchWish;
  readonly submittedAtMs: number;
  readonly stage: LaunchStage;
}

/** What came of the last action. */
export type LaunchAnswer =
  | { readonly kind: "resolved"; readonly repo: ResolvedRepo }
  | { readonly kind: "planned"; readonly plan: Plan }
  | { readonly kind: "environment"; readonly environment: Environment | null }
  | { readonly kind: "built"; readonly environment: Environment }
  | { readonly kind: "started"; readonly sessionId: SessionId }
  | { readonly kind: "probed"; readonly answers: boolean }
  | { readonly kind: "failed"; readonly failure: Failure };

/** What the control plane sees of this launch, besides the answer. */
export interface LaunchObserved {
  /** The session whose record names this launch, also from before a restart. */
  readonly session: ObservedSession | null;
  readonly seat:
    | { readonly kind: "none" }
    | { readonly kind: "waiting"; readonly position: number; readonly waitMs: number | null }
    | { readonly kind: "taken" };
  readonly isCancelled: boolean;
}

export type LaunchAction =
  | { readonly kind: "resolve" }
  | { readonly kind: "read"; readonly repo: ResolvedRepo }
  | { readonly kind: "find-environment"; readonly plan: Plan }
  /** Joins the one build of this key and answers when it ended. */
  | { readonly kind: "build"; readonly repo: ResolvedRepo; readonly plan: Plan }
  | { readonly kind: "ask-for-seat" }
  | {
      readonly kind: "start";
      readonly ground: LaunchGround;
      readonly isWarmAllowed: boolean;
      /** An earlier attempt's session, to be stopped and removed first. */
      readonly replaces: SessionId | null;
    }
  | { readonly kind: "probe"; readonly sessionId: SessionId; readonly token: string }
  /** Nothing to do until something changes, at the latest then. */
  | { readonly kind: "wait"; readonly untilMs: number }
  /** The end: leave the build, give the seat back if no session came of it, stop what is unready. */
  | { readonly kind: "finish"; readonly stopSession: SessionId | null };

export type NewLaunchEvent = Omit<LaunchEvent, "number" | "atMs">;

export interface LaunchDecision {
  readonly stage: LaunchStage;
  readonly events: readonly NewLaunchEvent[];
  readonly action: LaunchAction;
}
