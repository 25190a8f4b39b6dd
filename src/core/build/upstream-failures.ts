/** Builds that failed because of a host that they asked: one repository is chance, three are the host. */
import { MINUTE_MS } from "#base/units.ts";

export interface UpstreamFailure {
  readonly atMs: number;
  readonly host: string;
  readonly repoKey: string;
}

const WINDOW_MS = 10 * MINUTE_MS;
const KEPT_MAX = 500;

/** Those that count still, with the new one; as many as are kept. */
export function addFailure(
  failures: readonly UpstreamFailure[],
  added: UpstreamFailure,
): readonly UpstreamFailure[] {
  return [...failures.filter((one) => isRecent(one, added.atMs)), added].slice(-KEPT_MAX);
}

/** Host → how many different repositories failed because of it lately. */
export function failuresByHost(
  failures: readonly UpstreamFailure[],
  nowMs: number,
): Readonly<Record<string, number>> {
  const repos = new Map<string, Set<string>>();
  for (const failure of failures) {
    if (!isRecent(failure, nowMs)) continue;
    const ofHost = repos.get(failure.host) ?? new Set();
    repos.set(failure.host, ofHost.add(failure.repoKey));
  }
  return Object.fromEntries([...repos].map(([host, ofHost]) => [host, ofHost.size]));
}

function isRecent({ atMs }: UpstreamFailure, nowMs: number): boolean {
  return nowMs - atMs < WINDOW_MS;
}
