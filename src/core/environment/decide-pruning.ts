/** Which environments go when there are too many: the least recently used, never one in use. */
import type { Environment, EnvironmentKey } from "./environment.ts";

export function decidePruning(
  environments: readonly Environment[],
  inUse: ReadonlySet<EnvironmentKey>,
  bytesMax: number,
): readonly Environment[] {
  let total = environments.reduce((sum, environment) => sum + environment.sizeBytes, 0);
  if (total <= bytesMax) return [];
  const candidates = environments
    .filter((environment) => !inUse.has(environment.key))
    .sort((a, b) => a.lastUsedAtMs - b.lastUsedAtMs || (a.key < b.key ? -1 : 1));
  const pruned: Environment[] = [];
  for (const environment of candidates) {
    if (total <= bytesMax) break;
    pruned.push(environment);
    total -= environment.sizeBytes;
  }
  return pruned;
}
