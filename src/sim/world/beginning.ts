/** How the world stands when a drill begins: what was built, and who is at work. */
import { MINUTE_MS } from "#base/units.ts";
import type { EnvironmentKey } from "#core/environment/environment.ts";
import { planEnvironment, type PlanOptions } from "#core/environment/plan-environment.ts";
import type { Policy } from "#core/policy.ts";
import type { RepoSnapshot } from "#core/repo/repo.ts";
import type { Drill } from "../drill/drill.ts";
import { draw, type PretendBuilds } from "./builds.ts";
import type { WorldContext } from "./context.ts";
import { type PretendRepos, repoUrl } from "./repos.ts";
import type { PretendSessions } from "./sessions.ts";

interface Beginning {
  readonly builds: PretendBuilds;
  readonly context: WorldContext;
  readonly drill: Drill;
  readonly policy: Policy;
  readonly repos: PretendRepos;
  readonly sessions: PretendSessions;
  planOptions(): PlanOptions;
}

const CANARY = "canary";
/** Whoever is at work when a drill begins stays at least so long. */
const AT_WORK_MS = 3 * MINUTE_MS;

/** Repositories of which the world says so were built before anybody comes. */
export function keepBuilt(world: Beginning): void {
  const { builds, drill, repos } = world;
  const options = world.planOptions();
  const keys = keysUnder(options);
  for (const name of [CANARY, ...reposOf(drill)]) {
    if (!builds.specOf(name).isBuilt) continue;
    const url = repoUrl(name);
    const known = keys.get(url);
    const key = known === undefined ? keyOf(repos.snapshot(url), options) : known;
    keys.set(url, key);
    if (key !== null) builds.keep(key, url);
  }
}

/** Worked out once for all runs in this process: a name always means the same repository. */
const keysByOptions = new Map<string, Map<string, EnvironmentKey | null>>();

function keysUnder(options: PlanOptions): Map<string, EnvironmentKey | null> {
  const name = JSON.stringify(options);
  const keys = keysByOptions.get(name) ?? new Map<string, EnvironmentKey | null>();
  keysByOptions.set(name, keys);
  return keys;
}

function keyOf(snapshot: RepoSnapshot, options: PlanOptions): EnvironmentKey | null {
  const outcome = planEnvironment(snapshot, options);
  return outcome.kind === "planned" ? outcome.plan.key : null;
}

/** People who are at work; `secret` gives each session the end of its name. */
export async function beginSessions(world: Beginning, secret: () => string): Promise<void> {
  const { context, drill, policy, sessions } = world;
  const { length, running } = drill.world.sessions;
  const prng = context.prng.fork("beginning");
  const names = [...reposOf(drill)];
  const nowMs = context.clock.nowMs();
  for (let n = 0; n < running; n += 1) {
    const name = names[n % Math.max(1, names.length)] ?? CANARY;
    const id = `${name}-${secret()}`;
    const { sessionAgeMs, sessionIdleMs } = policy;
    await sessions.startAtWork(id, name, nowMs + sessionAgeMs, sessionIdleMs);
    sessions.use(id, nowMs + AT_WORK_MS + draw(length, prng));
  }
}

function reposOf({ arrivals }: Drill): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { repos } of arrivals) {
    for (const { repo, zipf } of repos) {
      if (zipf === null) names.add(repo);
      else for (let k = 1; k <= zipf; k += 1) names.add(`${repo}-${k}`);
    }
  }
  return names;
}
