/** Which builds start now, and which end because nobody wants them any more. */

export interface BuildNow {
  readonly key: string;
  readonly repoKey: string;
  readonly state: "queued" | "running";
  readonly sinceMs: number;
  readonly watchers: number;
  /** When the last watcher left; null while there is one. */
  readonly unwatchedSinceMs: number | null;
  /** It is wanted for later, whether somebody watches or not. */
  readonly isBackground: boolean;
  /** It was told to end and has not ended yet. */
  readonly isEnding: boolean;
}

export interface BuildsPolicy {
  readonly buildsMax: number;
  readonly backgroundBuildsMax: number;
  readonly buildGraceMs: number;
  readonly isBuildQueueFair: boolean;
}

export interface BuildsDecision {
  readonly start: readonly string[];
  readonly cancel: readonly string[];
  /** Running builds that give their slots to people; they begin again when nobody waits. */
  readonly yield: readonly string[];
  /** Key → place among the builds that people wait for, from 1. */
  readonly positions: ReadonlyMap<string, number>;
  /** When to decide again although nothing happened, or null. */
  readonly againAtMs: number | null;
}

/**
 * Watchers hold no slot, and an unwatched build keeps its slot for the grace. Slots go round between
 * repositories: one with a running build stands behind those with none. What nobody waits for is
 * built when nobody waits for a slot, and gives way to people.
 */
export function decideBuilds(
  builds: readonly BuildNow[],
  policy: BuildsPolicy,
  nowMs: number,
): BuildsDecision {
  const { againAtMs, gone } = decideEnds(builds, policy, nowMs);
  const running = builds.filter((build) => build.state === "running");
  const queued = builds.filter((build) => build.state === "queued" && !gone.has(build.key));
  const people = inOrder(queued.filter(isForPeople), running, policy.isBuildQueueFair);
  const free = Math.max(0, policy.buildsMax - running.length);
  const first = people.slice(0, free);
  const inBackground = running.filter((build) => !isForPeople(build));
  const background = policy.backgroundBuildsMax - inBackground.length;
  const left = Math.min(free - first.length, Math.max(0, background));
  const later = left === 0 ? [] : queued.filter((build) => !isForPeople(build)).sort(byAge);
  const start = [...first, ...later.slice(0, left)].map(({ key }) => key);
  const positions = new Map(people.slice(free).map(({ key }, i) => [key, i + 1]));
  const slotsWanted = positions.size - running.filter(({ isEnding }) => isEnding).length;
  const yielding = inBackground
    .filter(({ isEnding }) => !isEnding)
    .sort((a, b) => byAge(b, a))
    .slice(0, Math.max(0, slotsWanted))
    .map(({ key }) => key);
  return { start, cancel: [...gone], yield: yielding, positions, againAtMs };
}

/** Somebody waits for it, or has just left. */
export function isForPeople({
  isBackground,
  watchers,
}: Pick<BuildNow, "isBackground" | "watchers">): boolean {
  return watchers > 0 || !isBackground;
}

function decideEnds(builds: readonly BuildNow[], policy: BuildsPolicy, nowMs: number) {
  const gone = new Set<string>();
  let againAtMs: number | null = null;
  for (const build of builds) {
    if (build.watchers > 0 || build.isBackground || build.unwatchedSinceMs === null) continue;
    const endsAtMs = build.unwatchedSinceMs + policy.buildGraceMs;
    if (endsAtMs <= nowMs) gone.add(build.key);
    else againAtMs = Math.min(againAtMs ?? endsAtMs, endsAtMs);
  }
  return { gone, againAtMs };
}

/** By the slots that the repository would have then, and by age among equals. */
function inOrder(
  queued: readonly BuildNow[],
  running: readonly BuildNow[],
  isFair: boolean,
): readonly BuildNow[] {
  const byAges = [...queued].sort(byAge);
  if (!isFair) return byAges;
  const slots = new Map<string, number>();
  const take = (repoKey: string): number => {
    const held = slots.get(repoKey) ?? 0;
    slots.set(repoKey, held + 1);
    return held;
  };
  for (const { repoKey } of running) take(repoKey);
  return byAges
    .map((build) => ({ build, held: take(build.repoKey) }))
    .sort((a, b) => a.held - b.held || byAge(a.build, b.build))
    .map(({ build }) => build);
}

function byAge(a: BuildNow, b: BuildNow): number {
  return a.sinceMs - b.sinceMs || (a.key < b.key ? -1 : 1);
}
