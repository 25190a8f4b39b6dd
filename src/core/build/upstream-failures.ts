/** Builds that failed because of a host that they asked: one repository is chance, three are the host. */
import { isRecent } from "./recent-failures.ts";

export interface UpstreamFailure {
  readonly atMs: number;
  readonly host: string;
  readonly repoKey: string;
}

const NONE: Readonly<Record<string, number>> = {};

/** Host → how many different repositories failed because of it lately. */
export function failuresByHost(
  failures: readonly UpstreamFailure[],
  nowMs: number,
): Readonly<Record<string, number>> {
  if (failures.length === 0) return NONE;
  const repos = new Map<string, Set<string>>();
  for (const failure of failures) {
    if (!isRecent(failure, nowMs)) continue;
    const ofHost = repos.get(failure.host) ?? new Set();
    repos.set(failure.host, ofHost.add(failure.repoKey));
  }
  return Object.fromEntries([...repos].map(([host, ofHost]) => [host, ofHost.size]));
}
