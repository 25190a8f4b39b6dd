/** A drill that nobody wrote: random faults at random times, of which only the invariants must hold. */
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "#base/units.ts";
import { Prng } from "#base/prng.ts";
import { FAULT_VERBS } from "../faults/verbs.ts";
import type { ArgumentSpec, ArgumentValue, ArgumentValues } from "./argument.ts";
import { type Arrivals, COMMON_CRITERIA, type Drill, type DrillEvent } from "./drill.ts";
import { DEFAULT_WORLD } from "./read-world.ts";

const LASTS_MS = 4 * HOUR_MS;
const FAULTS_MIN = 3;
const FAULTS_MAX = 9;
const FAULT_LASTS_MAX_MS = 20 * MINUTE_MS;
const REASON = "chaos asks only that the invariants hold";

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
  "registry.down",
  "githost.down",
  "people.burst",
];

export function chaosDrill(seed: number): Drill {
  const prng = new Prng(`chaos/${seed}`);
  const people = prng.fork("people");
  const except = Object.fromEntries(COMMON_CRITERIA.map((letter) => [letter, REASON]));
  return {
    name: `chaos-${seed}`,
    title: "Random faults at random times",
    incident: null,
    story: "Faults that nobody chose, at times that nobody chose. Only the invariants must hold.",
    simulatedOnly: ["cluster", "people", "edge"],
    starts: { atMs: 0, zoneMs: 0 },
    lastsMs: LASTS_MS,
    world: {
      ...DEFAULT_WORLD,
      cluster: {
        ...DEFAULT_WORLD.cluster,
        nodes: prng.integer(2, 6),
        scheduler: prng.pick(["spread", "pack"] as const),
      },
      images: { areCached: prng.fraction() < 0.7 },
      sessions: { ...DEFAULT_WORLD.sessions, running: prng.integer(0, 60) },
    },
    policy: {},
    arrivals: [arrivalsOf(people)],
    events: eventsOf(prng.fork("faults")),
    must: [],
    except,
    ablations: [],
  };
}

function arrivalsOf(prng: Prng): Arrivals {
  return {
    when: {
      kind: "rate",
      points: [
        { atMs: 0, perHour: prng.integer(10, 120) },
        { atMs: LASTS_MS, perHour: prng.integer(10, 240) },
      ],
    },
    repos: [
      { repo: "viral", share: 0.5, zipf: null },
      { repo: "rest", share: 0.5, zipf: 100 },
    ],
    length: null,
    polling: prng.fraction() < 0.3 ? { perHour: 1_800, forMs: 5 * MINUTE_MS } : null,
    patienceMs: prng.integer(2, 15) * MINUTE_MS,
    retries: prng.integer(0, 4),
    isWatching: false,
  };
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
    const value = valueOf(name, spec, prng);
    if (value !== null) values[name] = value;
  }
  return values;
}

function valueOf(name: string, spec: ArgumentSpec, prng: Prng): ArgumentValue | null {
  if (name === "for") return prng.integer(10 * SECOND_MS, FAULT_LASTS_MAX_MS);
  if (name === "node")
    return spec.isOptional === true ? null : prng.pick(["newest", "oldest", "busiest", "emptiest"]);
  if (name === "repo") return "viral";
  if (Array.isArray(spec.type)) return prng.pick(spec.type as readonly string[]);
  if (spec.type === "duration") return prng.integer(0, 30 * SECOND_MS);
  if (name === "people") return prng.integer(5, 120);
  return spec.default ?? (spec.type === "count" ? 1 : null);
}
