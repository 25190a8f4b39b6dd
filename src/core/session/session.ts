/** One running server for one person, at `/user/<session id>/`. */
import type { EnvironmentKey } from "../environment/environment.ts";
import type { ResolvedRepo } from "../repo/repo.ts";

/** Lower-case letters, digits and `-`; 128 random bits in it, so that it cannot be guessed. */
export type SessionId = string;

/** What a session was started for. */
export interface SessionPurpose {
  /** The launch that asked for it: a launch submitted again finds its session by this. */
  readonly launchId: string;
  readonly repo: ResolvedRepo;
  readonly environmentKey: EnvironmentKey;
  /** Address of the person, as the gateway saw it; null for the machine's own user. */
  readonly clientAddress: string | null;
  /** Seats that are kept for canaries do not count against people. */
  readonly isCanary: boolean;
}

/** The session's own record; it lies beside the process and outlives the control plane. */
export interface SessionRecord {
  readonly id: SessionId;
  /** The person's token: without it the server answers 403. Never logged. */
  readonly token: string;
  readonly createdAtMs: number;
  /** Null while the server waits in the warm pool. */
  readonly purpose: SessionPurpose | null;
  /** When it was given to a person; the age limit counts from here. */
  readonly claimedAtMs: number | null;
  /** Hard end, enforced by the keeper without the control plane. */
  readonly endsAtMs: number;
  readonly idleLimitMs: number;
}

/** Why a session ended. */
export type SessionEnd =
  | "stopped"
  | "idle"
  | "age"
  | "exited"
  | "out-of-memory"
  | "out-of-disk"
  /** The machine under it failed or could not hold it: nobody's fault but the platform's. */
  | "node-failed"
  | "killed";

/** How far a start is: no machine has room yet, what it needs is copied there, its server begins. */
export type StartStep = "placing" | "pulling" | "starting";

export type SessionState =
  /** Without a step: as far as its node tells. */
  | { readonly kind: "starting"; readonly step?: StartStep }
  | { readonly kind: "running" }
  | { readonly kind: "ended"; readonly end: SessionEnd; readonly exitCode: number | null };

/** A session as its driver sees it now. */
export interface ObservedSession {
  readonly record: SessionRecord;
  readonly state: SessionState;
  /** Last activity of a person, measured by the gateway; `claimedAtMs` or `createdAtMs` when none. */
  readonly lastActivityAtMs: number;
  /** Processes killed for memory inside this session since its start. */
  readonly outOfMemoryKills: number;
  /** The machine that it is placed on; null while none has room for it. */
  readonly node: string | null;
  /** Null when the driver cannot tell. */
  readonly memoryBytes: number | null;
}

/** A driver that tells no step tells at least whether the session has a machine. */
export function startStepOf({ node, state }: ObservedSession): StartStep {
  if (state.kind !== "starting") return "starting";
  return state.step ?? (node === null ? "placing" : "starting");
}

/** Something that the person in the session has to know. */
export interface SessionNotice {
  /** The same for the same occasion, so that it is shown once. */
  readonly id: string;
  readonly level: "info" | "warning" | "error";
  readonly message: string;
  readonly atMs: number;
}
