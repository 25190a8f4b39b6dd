/** A drill that nobody wrote: random faults at random times, of which only the invariants must hold. */
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "#base/units.ts";
import { Prng } from "#base/prng.ts";
import type { Policy } from "#core/policy.ts";
import { FAULT_VERBS } from "../faults/verbs.ts";
import type { ArgumentSpec, ArgumentValue, ArgumentValues } from "./argument.ts";
import {
  type Arrivals,
  COMMON_CRITERIA,
  type Drill,
  type DrillEvent,
  type RepoShare,
  type WorldSpec,
} from "./drill.ts";
import { DEFAULT_WORLD } from "./read-world.ts";

const LASTS_MS = 4 * HOUR_MS;
const FAULTS_MIN = 3;
const FAULTS_MAX = 12;
const FAULT_LASTS_MAX_MS = 20 * MINUTE_MS;
const REASON = "chaos asks only that the invariants hold";
const HOST = "pypi.org";

/** What can come at any time to any world; the rest needs members, hosts or operators of its own. */
const VERBS: readonly string[] = [
  "node.join",
  "node.podNet",
  "node.dns",
  "node.lost",
  "node.disk",
  "node.readonly",
  "node.oom",
  "node.addresses",
  "node.noScratch",
  "watch.freeze",
  "apiserver.refuse",
  "apiserver.lag",
  "culler.hang",
  "culler.flood",
  "control.leak",
  "control.slow",
  "control.wedge",
  "control.crash",
  "control.pool",
  "edge.wedge",
  "edge.scale",
  "prefix.bump",
  "build.slow",
  "upstream.missing",
  "quota.freeze",
  "registry.down",
  "githost.down",
  "people.burst",
];

/** Everybody wants it, and it is built at the start or not. */
const VIRAL = "viral";
/** Each is built once. */
const FRESH: RepoShare = { repo: "fresh", share: 0.2, zipf: 40 };

export function chaosDrill(seed: number): Drill {
  const prng = new Prng(`chaos/${seed}`);
  const except = Object.fromEntries(COMMON_CRITERIA.map((letter) => [letter, REASON]));
  return {
    name: `chaos-${seed}`,
    title: "Random faults at random times",
    incident: null,
    story: "Faults that nobody chose, at times that nobody chose. Only the invariants must hold.",
    simulatedOnly: ["cluster", "people", "edge"],
    starts: { atMs: 0, zoneMs: 0 },
    lastsMs: LASTS_MS,
    world: worldOf(prng.fork("world")),
    policy: policyOf(prng.fork("policy")),
    arrivals: arrivalsOf(prng.fork("people")),
    events: eventsOf(prng.fork("faults")),
    must: [],
    except,
    ablations: [],
  };
}

function worldOf(prng: Prng): WorldSpec {
  const isBuilt = prng.fraction() < 0.6;
  const repo = { buildLength: null, pullMs: null, upstream: HOST, isBroken: false };
  return {
    ...DEFAULT_WORLD,
    cluster: {
      ...DEFAULT_WORLD.cluster,
      nodes: prng.integer(2, 7),
      seatsPerNode: prng.pick([8, 20, 40]),
      scheduler: prng.pick(["spread", "pack"] as const),
    },
    control: { replicas: prng.integer(1, 4) },
    builds: { ...DEFAULT_WORLD.builds, length: { kind: "exp", meanMs: 3 * MINUTE_MS } },
    repos: { [VIRAL]: { ...repo, isBuilt }, fresh: { ...repo, isBuilt: false } },
    images: { areCached: prng.fraction() < 0.7 },
    sessions: { ...DEFAULT_WORLD.sessions, running: prng.integer(0, 60) },
  };
}

/** Limits so near to what people want that they are reached: only then do they tell anything. */
function policyOf(prng: Prng): Partial<Policy> {
  const drawn: readonly Partial<Policy>[] = [
    { sessionsMax: prng.integer(60, 160) },
    { sessionsPerRepoMax: prng.integer(60, 90) },
    { sessionsPerClientMax: prng.integer(2, 8), launchesPerClientMax: prng.integer(4, 12) },
    { buildsMax: prng.integer(1, 5), backgroundBuildsMax: 1 },
    { launchEventsMax: 40, buildLogLinesMax: 60 },
    { launchesKeptMax: 200 },
    { auditKeptMax: 100, incidentsKeptMax: 20, incidentTimelineMax: 10 },
    { sessionAgeMs: prng.integer(60, 180) * MINUTE_MS },
    { queueTimeoutMs: prng.integer(5, 40) * MINUTE_MS },
  ];
  return Object.assign({}, ...drawn.filter(() => prng.fraction() < 0.5));
}

/** The impatient, those who wait for as long as it takes, and those who only follow a build. */
function arrivalsOf(prng: Prng): readonly Arrivals[] {
  const repos = [
    { repo: VIRAL, share: 0.4, zipf: null },
    { repo: "rest", share: 0.4, zipf: 100 },
    FRESH,
  ];
  const polling = prng.fraction() < 0.3 ? { perHour: 1_800, forMs: 5 * MINUTE_MS } : null;
  const group = (perHourMax: number): Arrivals => ({
    when: {
      kind: "rate",
      points: [0, LASTS_MS].map((atMs) => ({ atMs, perHour: prng.integer(10, perHourMax) })),
    },
    repos,
    length: null,
    polling,
    patienceMs: prng.integer(2, 15) * MINUTE_MS,
    retries: prng.integer(0, 4),
    isWatching: false,
    ...(prng.fraction() < 0.5 ? { addresses: prng.integer(5, 40) } : {}),
  });
  const patient = { ...group(60), patienceMs: 2 * HOUR_MS };
  return [group(200), patient, { ...group(20), repos: [{ ...FRESH, share: 1 }], isWatching: true }];
}

function eventsOf(prng: Prng): readonly DrillEvent[] {
  const count = prng.integer(FAULTS_MIN, FAULTS_MAX + 1);
  const events = Array.from({ length: count }, (_, index): DrillEvent => {
    const verb = prng.pick(VERBS);
    const atMs = prng.integer(5 * MINUTE_MS, LASTS_MS - 10 * MINUTE_MS);
    return { atMs, verb, values: valuesOf(verb, prng.fork(`${index}`)), line: 0 };
  });
  return events.toSorted((a, b) => a.atMs - b.atMs);
}

function valuesOf(verb: string, prng: Prng): ArgumentValues {
  const values: Record<string, ArgumentValue> = {};
  for (const [name, spec] of Object.entries(FAULT_VERBS[verb]?.arguments ?? {})) {
    const value = name === "duration" ? prng.integer(0, HOUR_MS) : valueOf(name, spec, prng);
    if (value !== null) values[name] = value;
  }
  return values;
}

function valueOf(name: string, spec: ArgumentSpec, prng: Prng): ArgumentValue | null {
  if (name === "for") return prng.integer(10 * SECOND_MS, FAULT_LASTS_MAX_MS);
  if (name === "node")
    return spec.isOptional === true ? null : prng.pick(["newest", "oldest", "busiest", "emptiest"]);
  if (name === "repo") return prng.pick([VIRAL, "fresh-1"]);
  if (name === "host") return spec.default ?? HOST;
  if (Array.isArray(spec.type)) return prng.pick(spec.type as readonly string[]);
  if (spec.type === "duration") return prng.integer(0, 30 * SECOND_MS);
  if (name === "people") return prng.integer(5, 120);
  if (name === "share") return prng.pick([0.2, 0.9, 1]);
  return spec.default ?? (spec.type === "count" ? 1 : null);
}
