/** The making of one environment: at most one at a time per key, any number of watchers. */
import type { Failure } from "../errors.ts";
import type { Environment, EnvironmentKey } from "../environment/environment.ts";

/** One line of progress. `line` may hold terminal colours; it never holds a secret. */
export interface BuildEvent {
  readonly phase: "fetching" | "building" | "pushing";
  readonly line: string;
}

export type BuildOutcome =
  | { readonly kind: "built"; readonly environment: Environment }
  | { readonly kind: "failed"; readonly failure: Failure };

/** A build as people see it. */
export interface BuildView {
  readonly key: EnvironmentKey;
  readonly state: "queued" | "running" | "failed";
  readonly startedAtMs: number | null;
  readonly watchers: number;
  readonly repoUrl: string;
  /** Nobody waits for it: it is made for later. */
  readonly isBackground?: boolean;
}
