/** Which environments machines copy before anybody starts there. */
import type { EnvironmentKey } from "../environment/environment.ts";
import type { Policy } from "../policy.ts";

export interface PrefetchNeed {
  /** Of bookings that are due. */
  readonly booked: readonly EnvironmentKey[];
  /** People who wait for a seat, by what they want. */
  readonly waitedFor: ReadonlyMap<EnvironmentKey, number>;
}

/** What is booked first, then what most people wait for; what was wanted before stays while there is room. */
export function decidePrefetch(
  before: readonly EnvironmentKey[],
  { booked, waitedFor }: PrefetchNeed,
  { prefetchMax }: Pick<Policy, "prefetchMax">,
): readonly EnvironmentKey[] {
  const most = [...waitedFor].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  const keys = new Set([...booked, ...most.map(([key]) => key), ...before]);
  const next = [...keys].slice(0, prefetchMax);
  const isSame = next.length === before.length && next.every((key) => before.includes(key));
  return isSame ? before : next;
}
