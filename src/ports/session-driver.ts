/** Runs sessions. What it says exists is the truth; the control plane keeps no list of its own. */
import type { Environment } from "#core/environment/environment.ts";
import type { Plan } from "#core/environment/plan.ts";
import type {
  ObservedSession,
  SessionEnd,
  SessionId,
  SessionNotice,
  SessionPurpose,
} from "#core/session/session.ts";

export interface SessionStart {
  readonly id: SessionId;
  readonly token: string;
  readonly purpose: SessionPurpose;
  readonly environment: Environment;
  /** `start`, the binder directory and the server choice come from here. */
  readonly plan: Plan;
  readonly endsAtMs: number;
  readonly idleLimitMs: number;
  /** Machines on which an earlier start for the same launch failed: another one, where there is one. */
  readonly avoidNodes: readonly string[];
  /** `BINDER_*` and whatever else the person's server must see. */
  readonly variables: Readonly<Record<string, string>>;
}

export type ClaimOutcome =
  | { readonly kind: "claimed" }
  /** The server is gone or does not answer; start another. */
  | { readonly kind: "gone" };

export interface SessionDriver {
  /** All sessions, warm ones and ended ones included, until `remove`. */
  list(): Promise<readonly ObservedSession[]>;
  /** Null when there is no such session. */
  inspect(id: SessionId): Promise<ObservedSession | null>;
  /** Starts a server and returns when its process runs (not: answers). Idempotent by id. */
  start(request: SessionStart): Promise<void>;
  /** Starts a generic server for nobody yet. Idempotent by id. */
  startWarm(request: {
    readonly id: SessionId;
    readonly token: string;
    readonly endsAtMs: number;
  }): Promise<void>;
  /**
   * Gives the warm server `id` to a person: content into its home, environment linked, variables
   * set, its record rewritten (token and id stay those of the warm server). Idempotent for the same
   * launch; `gone` when it went to another.
   */
  claim(id: SessionId, request: Omit<SessionStart, "id" | "token">): Promise<ClaimOutcome>;
  /** Shows the notice in the session's page, once for each notice id. May be repeated. */
  notify(id: SessionId, notice: SessionNotice): Promise<void>;
  /** Moves the hard end; the keeper follows. */
  extend(id: SessionId, endsAtMs: number): Promise<void>;
  /** Ends the session's processes and resolves when none is left. Idempotent. */
  stop(id: SessionId, end: SessionEnd): Promise<void>;
  /** Deletes all that is left of an ended session. Idempotent. */
  remove(id: SessionId): Promise<void>;
  /** The last `bytesMax` of the server's output; null when there is no such session. */
  logs(id: SessionId, bytesMax: number): Promise<string | null>;
  /** True when a kernel computes although no bytes flow; that counts as activity from then on. */
  isBusy(id: SessionId): Promise<boolean>;
  /** Calls back with an id that may have changed. A hint: it may come twice, late, or never. */
  onHint(listener: (id: SessionId) => void): () => void;
}
