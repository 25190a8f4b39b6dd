/** What the API answers with: the words of core, plus the views that only the API has. */
import type { LaunchView } from "#core/launch/launch.ts";
import type { ResolvedRepo } from "#core/repo/repo.ts";
import type { SessionState } from "#core/session/session.ts";

export interface LaunchReply extends LaunchView {
  /** What to open, to be appended to the session's address, when the address named it. */
  readonly urlPath: string | null;
}

/** The answer to a submitted launch. */
export interface SubmittedView extends LaunchReply {
  /** False when a launch with this id and this wish existed already. */
  readonly isNew: boolean;
}

/** A session as its owner and the operator see it; its token is never shown again. */
export interface SessionView {
  readonly id: string;
  /** `/user/<id>/`. */
  readonly path: string;
  readonly state: SessionState;
  /** Null for a server in the warm pool. */
  readonly purpose: {
    readonly launchId: string;
    readonly repo: ResolvedRepo;
    readonly environmentKey: string;
    readonly clientAddress: string | null;
    readonly isCanary: boolean;
  } | null;
  readonly createdAtMs: number;
  readonly claimedAtMs: number | null;
  readonly lastActivityAtMs: number;
  readonly endsAtMs: number;
  readonly idleLimitMs: number;
  readonly outOfMemoryKills: number;
  readonly memoryBytes: number | null;
}

export interface ExtendedView {
  readonly endsAtMs: number;
}

export interface PrunedView {
  readonly removed: readonly string[];
  readonly freedBytes: number;
}

/** What is in use of a limit. */
export interface UseView {
  readonly used: number;
  readonly max: number;
}

export interface LimitsView {
  readonly sessions: UseView;
  readonly builds: UseView;
  readonly queue: UseView;
  readonly warm: UseView;
  /** By which share the waits that people were told were wrong, lately; null: nobody waited. */
  readonly waitEstimateErrorMedian: number | null;
  /** Every limit by name; see the reference of the configuration. */
  readonly policy: Readonly<Record<string, number | boolean | string>>;
}

export interface LoopView {
  readonly name: string;
  readonly lastProgressAtMs: number;
  readonly isStalled: boolean;
  readonly restarts: number;
}

/** One thing that happened; the further fields depend on `kind`. */
export interface HistoryView {
  readonly kind: "launch" | "build" | "session" | "action";
  readonly atMs: number;
  readonly [field: string]: string | number | boolean | null;
}
