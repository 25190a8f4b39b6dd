/** What the numbers of the policy are worth: drills run with other numbers, beside those chosen. */
import { MINUTE_MS, SECOND_MS } from "#base/units.ts";
import { loadDrill } from "#app/simulated.ts";
import { CLUSTER_POLICY } from "#core/cluster-policy.ts";
import { DEFAULT_POLICY, type Policy } from "#core/policy.ts";
import type { ArgumentValues } from "#sim/drill/argument.ts";
import { MEASURES } from "#sim/drill/measures.ts";
import { runDrill } from "#sim/drill/run-drill.ts";
import type { Bench, Row, Stage, Table } from "./harness/bench.ts";

interface Looked {
  readonly measure: string;
  readonly of?: ArgumentValues;
}

interface Question {
  readonly name: keyof Policy;
  readonly drill: string;
  /** Switched off beside it, so that one protection does not hide behind another. */
  readonly without?: readonly string[];
  readonly values: readonly (number | boolean)[];
  readonly looked: readonly Looked[];
}

const NEVER = Number.POSITIVE_INFINITY;
const HITS: Looked = {
  measure: "bound-to-node",
  of: { node: "faulted", fault: "node.podNet", role: ["session"] },
};
const FOUND: Looked = { measure: "detected-after", of: { fault: "node.podNet" } };
const FIRST_TRY: Looked = { measure: "first-try-success", of: {} };

const QUESTIONS: readonly Question[] = [
  {
    name: "nodeProbeFailuresMax",
    drill: "reddit-hug-goes-bad-later",
    values: [1, 2, 3, 6, NEVER],
    looked: [FOUND, HITS, FIRST_TRY],
  },
  {
    name: "nodeProbeIntervalMs",
    drill: "reddit-hug-goes-bad-later",
    values: [2 * SECOND_MS, 5 * SECOND_MS, 15 * SECOND_MS, 60 * SECOND_MS],
    looked: [FOUND, HITS, FIRST_TRY],
  },
  {
    name: "nodeOutcomeFailuresMax",
    drill: "reddit-hug-goes-bad-later",
    without: ["node-probes"],
    values: [1, 2, 3, 5, NEVER],
    looked: [FOUND, HITS, FIRST_TRY],
  },
  {
    name: "launchHedgeMs",
    drill: "reddit-hug-goes-bad-later",
    without: ["node-probes"],
    values: [0, 5 * SECOND_MS, 10 * SECOND_MS, 15 * SECOND_MS, 30 * SECOND_MS],
    looked: [{ measure: "launches-slower", of: { than: 40 * SECOND_MS } }, HITS, FIRST_TRY],
  },
  {
    name: "launchAttemptsMax",
    drill: "reddit-hug-goes-bad-later",
    without: ["node-probes"],
    values: [1, 2, 3, 5],
    looked: [{ measure: "launch-failures" }, HITS],
  },
  {
    name: "loopLeaseMs",
    drill: "reddit-hug",
    values: [10 * SECOND_MS, 30 * SECOND_MS, 2 * MINUTE_MS, 10 * MINUTE_MS, NEVER],
    looked: [
      { measure: "detected-after", of: { cause: "loop-stalled" } },
      { measure: "idle-share-max" },
      { measure: "peak-pods" },
    ],
  },
  {
    name: "resyncIntervalMs",
    drill: "watch-freeze",
    values: [5 * SECOND_MS, 15 * SECOND_MS, 30 * SECOND_MS, 2 * MINUTE_MS],
    looked: [
      { measure: "detected-after" },
      { measure: "launches-slower", of: { than: MINUTE_MS } },
    ],
  },
  {
    name: "demandStallMs",
    drill: "silent-wedge",
    values: [15 * SECOND_MS, 30 * SECOND_MS, MINUTE_MS, 3 * MINUTE_MS, NEVER],
    looked: [
      { measure: "detected-after" },
      { measure: "mitigated-after" },
      { measure: "restarts" },
    ],
  },
  {
    name: "canaryIntervalMs",
    drill: "silent-wedge",
    without: ["demand-detection"],
    values: [30 * SECOND_MS, MINUTE_MS, 5 * MINUTE_MS],
    looked: [{ measure: "detected-after" }, { measure: "mitigated-after" }],
  },
  {
    name: "leaderLeaseMs",
    drill: "lost-node",
    values: [6 * SECOND_MS, 15 * SECOND_MS, 30 * SECOND_MS, MINUTE_MS],
    looked: [{ measure: "mitigated-after" }, FIRST_TRY],
  },
  {
    name: "isQueueFair",
    drill: "full-house",
    values: [true, false],
    looked: [
      { measure: "launch-success", of: { otherThan: "lecture" } },
      { measure: "launch-success", of: { repo: "lecture" } },
    ],
  },
  {
    name: "placeholdersMax",
    drill: "two-tutorials",
    // None, and none but the smallest reserve.
    values: [0, 10, 40, 75],
    looked: [{ measure: "wait-p95", of: { repo: "tutorial" } }, { measure: "peak-nodes" }],
  },
  {
    name: "prefetchMax",
    drill: "two-tutorials-booked",
    values: [0, 1, 5],
    looked: [{ measure: "wait-p95", of: { repo: "tutorial" } }],
  },
  {
    name: "slopeWindowMs",
    drill: "announcement",
    values: [3 * MINUTE_MS, 10 * MINUTE_MS, 20 * MINUTE_MS, 0],
    looked: [{ measure: "detected-after" }, FIRST_TRY],
  },
  {
    name: "isStaleServed",
    drill: "generation-bump",
    values: [true, false],
    looked: [{ measure: "waits-for-build" }, { measure: "wait-p95" }],
  },
];

export const policiesBench: Bench = {
  name: "policies",
  summary: "drills with other numbers of the policy, one row a number, one sample a seed",
  limitMs: 30 * MINUTE_MS,
  run: async (stage) => {
    const tables: Table[] = [];
    for (const question of QUESTIONS) tables.push(...(await answer(question, stage)));
    return tables;
  },
};

async function answer(question: Question, stage: Stage): Promise<readonly Table[]> {
  const { drill: name, looked, name: number, values, without } = question;
  stage.say(`${number} in ${name}`);
  const chosen = { ...DEFAULT_POLICY, ...CLUSTER_POLICY, ...loadDrill(name, ".").policy }[number];
  const rows = looked.map((): Row[] => []);
  for (const value of values) {
    const samples = await samplesOf(question, value, stage);
    for (const [index, measured] of samples.entries()) {
      const isChosen = value === chosen;
      const what = `${valueText(number, value)}${isChosen ? " (chosen)" : ""}`;
      rows[index]?.push({ what, samples: measured });
    }
  }
  return looked.map(({ measure, of }, index) => ({
    title: `${number}: ${measure}${argumentsText(of)} in ${name}${withoutText(without)}`,
    unit: unitOf(measure),
    better: "less",
    against: null,
    rows: rows[index] ?? [],
  }));
}

/** For each measure, one number a seed. */
async function samplesOf(
  { drill: name, looked, name: number, without = [] }: Question,
  value: number | boolean,
  stage: Stage,
): Promise<readonly (readonly number[])[]> {
  const drill = loadDrill(name, ".");
  const samples = looked.map((): number[] => []);
  for (let seed = 1; seed <= stage.rounds; seed += 1) {
    stage.signal.throwIfAborted();
    const changed = { ...drill, policy: { ...drill.policy, [number]: value } };
    const run = await runDrill(changed, { seed, without });
    const startsAtMs = drill.starts.atMs;
    const context = { startsAtMs, endsAtMs: startsAtMs + run.virtualMs };
    for (const [index, { measure, of = {} }] of looked.entries()) {
      const spec = MEASURES[measure];
      if (spec === undefined) throw new Error(`there is no measure ${measure}`);
      const measured = spec.of(run.records, withDefaults(measure, of), context);
      samples[index]?.push(scaled(measured ?? NEVER, measure));
    }
  }
  return samples;
}

function withDefaults(measure: string, of: ArgumentValues): ArgumentValues {
  const values: Record<string, ArgumentValues[string]> = {};
  for (const [name, spec] of Object.entries(MEASURES[measure]?.arguments ?? {})) {
    if (spec.default !== undefined) values[name] = spec.default;
  }
  return { ...values, ...of };
}

function unitOf(measure: string): string {
  const unit = MEASURES[measure]?.unit;
  return unit === "duration" ? "s" : unit === "share" ? "%" : "";
}

function scaled(value: number, measure: string): number {
  const unit = MEASURES[measure]?.unit;
  return unit === "duration" ? value / SECOND_MS : unit === "share" ? value * 100 : value;
}

function valueText(name: keyof Policy, value: number | boolean): string {
  if (typeof value === "boolean" || !name.endsWith("Ms")) return String(value);
  return value === NEVER ? "never" : `${value / SECOND_MS} s`;
}

function argumentsText(of: ArgumentValues = {}): string {
  const texts = Object.entries(of).map(([name, value]) => `${name} ${String(value)}`);
  return texts.length === 0 ? "" : ` (${texts.join(", ")})`;
}

function withoutText(without: readonly string[] = []): string {
  return without.length === 0 ? "" : `, without ${without.join(", ")}`;
}
