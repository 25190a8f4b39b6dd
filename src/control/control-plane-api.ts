/** What the control plane offers to those who speak for people: the API, and through it the CLI. */
import type { BuildView } from "#core/build/build.ts";
import type { Environment, EnvironmentKey } from "#core/environment/environment.ts";
import type { Failure } from "#core/errors.ts";
import type { LaunchEvent, LaunchId, LaunchView, LaunchWish } from "#core/launch/launch.ts";
import type { Policy } from "#core/policy.ts";
import type { ObservedSession, SessionId } from "#core/session/session.ts";
import type { HistoryEntry } from "#ports/history.ts";
import type { OperatorDoor } from "#ports/operator.ts";

export type SubmitOutcome =
  /** Also for a launch that exists already with the same wish: submitting twice is once. */
  | { readonly kind: "accepted"; readonly launch: LaunchView; readonly isNew: boolean }
  | { readonly kind: "refused"; readonly failure: Failure };

export type LaunchWatcher = (event: LaunchEvent) => void;

export interface Launches {
  submit(wish: LaunchWish): SubmitOutcome;
  get(id: LaunchId): LaunchView | null;
  list(): readonly LaunchView[];
  /**
   * Calls back, in order and without gaps, with every event after number `after` (0 for all), those
   * that exist already before this returns. The last one has phase ready or failed. A launch that
   * nobody watches any more is cancelled after the grace period, unless it was submitted as kept.
   * Null when there is no such launch.
   */
  watch(id: LaunchId, after: number, watcher: LaunchWatcher): (() => void) | null;
  /** Ends the wish; a session that it got already lives on. False when there is no such launch. */
  cancel(id: LaunchId): boolean;
}

export interface Sessions {
  /** As last observed; at most `resyncIntervalMs` old. Warm servers included (`purpose` null). */
  list(): readonly ObservedSession[];
  get(id: SessionId): ObservedSession | null;
  stop(id: SessionId): Promise<{ readonly kind: "stopped" } | { readonly kind: "not-found" }>;
  /** Moves the end of the session to now plus `byMs`, never past the age limit. */
  extend(
    id: SessionId,
    byMs: number,
  ): Promise<
    | { readonly kind: "extended"; readonly endsAtMs: number }
    | { readonly kind: "refused"; readonly failure: Failure }
  >;
  logs(id: SessionId, bytesMax: number): Promise<string | null>;
}

export interface Environments {
  builds(): readonly BuildView[];
  list(): Promise<readonly Environment[]>;
  get(key: EnvironmentKey): Promise<Environment | null>;
  lock(key: EnvironmentKey): Promise<string | null>;
  buildLog(key: EnvironmentKey): Promise<string | null>;
  /** Removes least recently used environments that no session uses until `bytesMax` are left. */
  prune(
    bytesMax: number,
  ): Promise<{ readonly removed: readonly EnvironmentKey[]; readonly freedBytes: number }>;
}

/** Use against limits, now. */
export interface LimitsView {
  readonly sessions: { readonly used: number; readonly max: number };
  readonly builds: { readonly used: number; readonly max: number };
  readonly queue: { readonly used: number; readonly max: number };
  readonly warm: { readonly used: number; readonly max: number };
  /** By which share the waits that people were told were wrong, lately; null: nobody waited. */
  readonly waitEstimateErrorMedian: number | null;
  readonly policy: Policy;
}

export interface LoopView {
  readonly name: string;
  readonly lastProgressAtMs: number;
  readonly isStalled: boolean;
  readonly restarts: number;
}

export interface ControlPlane {
  readonly launches: Launches;
  readonly sessions: Sessions;
  readonly environments: Environments;
  readonly operations: OperatorDoor;
  limits(): LimitsView;
  loops(): readonly LoopView[];
  /** True once what exists was adopted: until then nothing is decided. */
  isReady(): boolean;
  history(kind: HistoryEntry["kind"], limit: number): Promise<readonly HistoryEntry[]>;
  /** Starts the loops; resolves when what exists was adopted. */
  start(): Promise<void>;
  /** Stops the loops and running builds; sessions live on. */
  stop(): Promise<void>;
}
