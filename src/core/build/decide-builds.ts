/** Which builds start now, and which end because nobody wants them any more. */

export interface BuildNow {
  readonly key: string;
  readonly state: "queued" | "running";
  readonly sinceMs: number;
  readonly watchers: number;
  /** When the last watcher left; null while there is one. */
  readonly unwatchedSinceMs: number | null;
}

export interface BuildsPolicy {
  readonly buildsMax: number;
  readonly buildGraceMs: number;
}

export interface BuildsDecision {
  readonly start: readonly string[];
  readonly cancel: readonly string[];
  /** Key → place among the builds that wait, from 1. */
  readonly positions: ReadonlyMap<string, number>;
  /** When to decide again although nothing happened, or null. */
  readonly againAtMs: number | null;
}

/** Oldest wish first; watchers hold no slot, and an unwatched build keeps its slot for the grace. */
export function decideBuilds(
  builds: readonly BuildNow[],
  policy: BuildsPolicy,
  nowMs: number,
): BuildsDecision {
  const cancel: string[] = [];
  let againAtMs: number | null = null;
  for (const build of builds) {
    if (build.watchers > 0 || build.unwatchedSinceMs === null) continue;
    const endsAtMs = build.unwatchedSinceMs + policy.buildGraceMs;
    if (endsAtMs <= nowMs) cancel.push(build.key);
    else againAtMs = Math.min(againAtMs ?? endsAtMs, endsAtMs);
  }
  const gone = new Set(cancel);
  const running = builds.filter((build) => build.state === "running").length;
  const queued = builds
    .filter((build) => build.state === "queued" && !gone.has(build.key))
    .sort((a, b) => a.sinceMs - b.sinceMs || (a.key < b.key ? -1 : 1));
  const start = queued.slice(0, Math.max(0, policy.buildsMax - running)).map((build) => build.key);
  const positions = new Map(queued.slice(start.length).map((build, i) => [build.key, i + 1]));
  return { start, cancel, positions, againAtMs };
}
