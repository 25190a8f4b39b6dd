/** Has machines copy environments before anybody starts there: of bookings, and of people who wait. */
import { MINUTE_MS } from "#base/units.ts";
import type { Booking } from "#core/capacity/due-bookings.ts";
import { decidePrefetch } from "#core/capacity/decide-prefetch.ts";
import type { EnvironmentKey } from "#core/environment/environment.ts";
import type { Policy } from "#core/policy.ts";
import type { Clock } from "#ports/clock.ts";
import type { Cluster } from "#ports/cluster.ts";
import type { EnvironmentBuilder } from "#ports/environment-builder.ts";
import type { RepoKeys } from "./repo-keys.ts";

/** All environments are looked through for what is booked, at most so often. */
const LIST_INTERVAL_MS = 1 * MINUTE_MS;

export interface PrefetchDeps {
  readonly cluster: Pick<Cluster, "setPrefetched">;
  readonly builder: Pick<EnvironmentBuilder, "list">;
  readonly repoKeys: RepoKeys;
  readonly clock: Pick<Clock, "monotonicMs">;
  readonly policy: Policy;
  /** People who wait for a seat, by environment. */
  readonly waitedFor: () => ReadonlyMap<EnvironmentKey, number>;
}

export class Prefetch {
  readonly #deps: PrefetchDeps;
  #keys: readonly EnvironmentKey[] = [];
  /** Newest environment of each booked repository that has one. */
  #booked: ReadonlyMap<string, EnvironmentKey> = new Map();
  #listedAtMs: number | null = null;

  constructor(deps: PrefetchDeps) {
    this.#deps = deps;
  }

  /** `due` are the bookings that have to be prepared. */
  async round(due: readonly Booking[], isAnyWaiting: boolean): Promise<void> {
    const { cluster, policy, waitedFor } = this.#deps;
    if (policy.prefetchMax === 0 || (due.length === 0 && !isAnyWaiting)) return;
    await this.#lookUp(due);
    const booked = due.flatMap(({ repo }) => this.#booked.get(repo) ?? []);
    const need = { booked, waitedFor: isAnyWaiting ? waitedFor() : new Map() };
    const keys = decidePrefetch(this.#keys, need, policy);
    if (keys === this.#keys) return;
    await cluster.setPrefetched(keys);
    this.#keys = keys;
  }

  /** What a booking names is a repository; machines copy environments. */
  async #lookUp(due: readonly Booking[]): Promise<void> {
    const { builder, clock, repoKeys } = this.#deps;
    const nowMs = clock.monotonicMs();
    const isFresh = this.#listedAtMs !== null && nowMs - this.#listedAtMs < LIST_INTERVAL_MS;
    if (due.length === 0 || isFresh) return;
    this.#listedAtMs = nowMs;
    const repos = new Set(due.map(({ repo }) => repo));
    const newest = new Map<string, { readonly key: EnvironmentKey; readonly builtAtMs: number }>();
    for (const { builtAtMs, builtFor, key } of await builder.list()) {
      const repo = repoKeys.of({ provider: "git", spec: builtFor, url: builtFor, ref: null });
      const known = newest.get(repo);
      const isNewer = known === undefined || builtAtMs > known.builtAtMs;
      if (repos.has(repo) && isNewer) newest.set(repo, { key, builtAtMs });
    }
    this.#booked = new Map([...newest].map(([repo, { key }]) => [repo, key]));
  }
}
