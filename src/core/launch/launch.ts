/** One person's wish for a session: its phases, its numbered events, its end. */
import type { Failure } from "../errors.ts";
import type { Repo } from "../repo/repo.ts";

/** Chosen by the client: 16 to 64 of `[A-Za-z0-9_-]`, with at least 96 random bits. */
export type LaunchId = string;

export type LaunchPhase =
  | "waiting"
  | "queued"
  | "fetching"
  | "building"
  | "pushing"
  | "built"
  | "launching"
  | "ready"
  | "failed";

export interface LaunchWish {
  readonly id: LaunchId;
  readonly repo: Repo;
  /** Only make the environment; no session. */
  readonly buildOnly: boolean;
  /** Resolve the environment as on this day, `2024-01-31`; absent for today. */
  readonly asOf?: string;
  readonly clientAddress: string | null;
  readonly isCanary: boolean;
}

/** What a person gets. */
export interface LaunchResult {
  readonly sessionId: string | null;
  /** Path of the session, `/user/<id>/`; null for a build only. */
  readonly path: string | null;
  readonly token: string | null;
  readonly commit: string;
  readonly environmentKey: string;
}

/** Numbered from 1 without gaps; a watcher that lost its connection asks for those after the last. */
export interface LaunchEvent {
  readonly number: number;
  readonly atMs: number;
  readonly phase: LaunchPhase;
  readonly message: string;
  /** While queued: from 1, and the estimated wait. */
  readonly queue?: { readonly position: number; readonly waitMs: number | null };
  /** With phase built: the environment existed already and nothing was installed. */
  readonly isReused?: boolean;
  readonly result?: LaunchResult;
  readonly failure?: Failure;
}

export interface LaunchView {
  readonly id: LaunchId;
  readonly repo: Repo;
  readonly phase: LaunchPhase;
  readonly submittedAtMs: number;
  readonly endedAtMs: number | null;
  readonly commit: string | null;
  readonly environmentKey: string | null;
  readonly result: LaunchResult | null;
  readonly failure: Failure | null;
  /** Starts of a server for it so far. */
  readonly attempts: number;
}

export function isLaunchEnd(phase: LaunchPhase): phase is "ready" | "failed" {
  return phase === "ready" || phase === "failed";
}
