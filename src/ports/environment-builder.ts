/** Makes and keeps environments. */
import type { BuildEvent, BuildOutcome } from "#core/build/build.ts";
import type { Environment, EnvironmentKey } from "#core/environment/environment.ts";
import type { Plan } from "#core/environment/plan.ts";
import type { ResolvedRepo } from "#core/repo/repo.ts";

export interface BuildRequest {
  readonly plan: Plan;
  readonly repo: ResolvedRepo;
}

export interface EnvironmentBuilder {
  /** Every environment that exists, whole. */
  list(): Promise<readonly Environment[]>;
  /** Null when absent; a half-made one is absent. Cheap: it is asked at every launch. */
  inspect(key: EnvironmentKey): Promise<Environment | null>;
  /**
   * An environment of the same inputs that an earlier version of the builder made and that sessions
   * can still use, or null. Asked only when `inspect` says null; as cheap.
   */
  stale(plan: Plan, repoUrl: string): Promise<Environment | null>;
  /**
   * Makes the environment, whole or not at all: a kill at any moment leaves it absent. Never called
   * twice at once for one key. When it exists already the answer is `built` at once. Aborting ends
   * every process of the build before the promise settles, with `build-interrupted`.
   */
  build(
    request: BuildRequest,
    options: { readonly signal: AbortSignal; readonly onEvent: (event: BuildEvent) => void },
  ): Promise<BuildOutcome>;
  /** The lock that was written: text of resolved versions with hashes. Null when absent. */
  lock(key: EnvironmentKey): Promise<string | null>;
  /** The kept end of the last build's log. Null when there was none. */
  log(key: EnvironmentKey): Promise<string | null>;
  /** Notes a use, for pruning. */
  touch(key: EnvironmentKey): Promise<void>;
  /** Idempotent. The caller makes sure that no session uses it. */
  remove(key: EnvironmentKey): Promise<void>;
  /** Removes what killed builds left behind. Called at start, when nothing builds. */
  cleanUp(): Promise<void>;
}
