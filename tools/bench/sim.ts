/** How fast the simulator is: the founding drill, and a week with a hundred thousand sessions and faults. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { MINUTE_MS, SECOND_MS } from "#base/units.ts";
import type { Bench, Row, Stage, Table } from "./harness/bench.ts";
import { median } from "./harness/figures.ts";

/** What one run in a process of its own came to. */
export interface SimResult {
  readonly ranMs: number;
  readonly judgedMs: number;
  readonly cpuMs: number;
  readonly peakMb: number;
  readonly sessions: number;
  readonly launches: number;
  readonly records: number;
  readonly virtualMs: number;
  readonly invariants: readonly string[];
  readonly broken: readonly string[];
  readonly traceHash: string;
}

interface Case {
  readonly what: string;
  readonly drill: string;
  /** So many times as long, with the same events in each stretch. */
  readonly times: number;
  readonly aimSeconds: string;
  readonly aimMb: string;
}

const SUBJECT = join(import.meta.dirname, "sim-subject.ts");
/** As the workers of the drills' suite have it: nearly all that a run makes is thrown away at once. */
const NURSERY_MB = 32;
const OUTPUT_MAX_BYTES = 1_024 * 1_024;
const HUG: Case = {
  ...{ what: "reddit-hug, 15.5 virtual hours", drill: "reddit-hug", times: 1 },
  ...{ aimSeconds: "< 2", aimMb: "" },
};
const SMALL: Case = {
  ...{ what: "10,000 sessions, 16.8 virtual hours", drill: "week.yaml", times: 1 },
  ...{ aimSeconds: "", aimMb: "" },
};
const LARGE: Case = {
  ...{ what: "100,000 sessions, 168 virtual hours", drill: "week.yaml", times: 10 },
  ...{ aimSeconds: "< 10", aimMb: "< 1000" },
};
const CASES = [HUG, SMALL, LARGE] as const;

export const simBench: Bench = {
  name: "sim",
  summary: "reddit-hug; 10,000 and 100,000 sessions with faults: time, memory, cost of a session",
  limitMs: 30 * MINUTE_MS,
  run,
};

async function run(stage: Stage): Promise<readonly Table[]> {
  const results = new Map<Case, SimResult[]>(CASES.map((one) => [one, []]));
  for (let round = 1; round <= stage.rounds; round += 1) {
    for (const [one, taken] of results) {
      const result = await measured(one, stage.signal);
      taken.push(result);
      const seconds = (result.ranMs / SECOND_MS).toFixed(1);
      const { launches, peakMb, records } = result;
      stage.say(
        `${round}: ${one.what}: ${seconds} s, ${peakMb.toFixed(0)} MB, ${launches} launches, ${records} records`,
      );
    }
  }
  return tablesOf(results);
}

/** Each in a process of its own: what one leaves in memory would count for the next. */
async function measured({ drill, times, what }: Case, signal: AbortSignal): Promise<SimResult> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [`--max-semi-space-size=${NURSERY_MB}`, SUBJECT, drill, String(times)],
    {
      signal,
      maxBuffer: OUTPUT_MAX_BYTES,
    },
  );
  const result = JSON.parse(stdout) as SimResult;
  if (result.invariants.length > 0) {
    throw new Error(`${what}: an invariant is violated: ${result.invariants.join("; ")}`);
  }
  return result;
}

function tablesOf(results: ReadonlyMap<Case, readonly SimResult[]>): readonly Table[] {
  const common = { better: "less", against: null } as const;
  const rows = (pick: (result: SimResult) => number, aim: (one: Case) => string): readonly Row[] =>
    [...results].map(([one, taken]) => {
      const aimed = aim(one);
      return { what: one.what, samples: taken.map(pick), ...(aimed === "" ? {} : { aim: aimed }) };
    });
  const none = () => "";
  const perSession = ({ ranMs, sessions }: SimResult) => (ranMs * 1_000) / sessions;
  const bytesPerSession = ({ peakMb, sessions }: SimResult) => (peakMb * 1_024) / sessions;
  return [
    {
      ...{ ...common, title: "Time of a run, without its judgement", unit: "s" },
      rows: rows(
        ({ ranMs }) => ranMs / SECOND_MS,
        ({ aimSeconds }) => aimSeconds,
      ),
    },
    {
      ...{ ...common, title: "Time of the judgement of its records", unit: "s" },
      rows: rows(({ judgedMs }) => judgedMs / SECOND_MS, none),
    },
    {
      ...{ ...common, title: "Most memory (resident), the judgement included", unit: "MB" },
      rows: rows(
        ({ peakMb }) => peakMb,
        ({ aimMb }) => aimMb,
      ),
    },
    { ...common, title: "Time for a session", unit: "µs", rows: rows(perSession, none) },
    {
      ...common,
      title: "Memory for a session, all told",
      unit: "KB",
      rows: rows(bytesPerSession, none),
    },
    {
      ...{ ...common, title: "A session among 100,000 beside one among 10,000", unit: "×" },
      rows: [
        ratioOf("time", results, perSession, "about 1 or less"),
        ratioOf("memory", results, bytesPerSession, "1 or less"),
      ],
    },
  ];
}

function ratioOf(
  what: string,
  results: ReadonlyMap<Case, readonly SimResult[]>,
  pick: (result: SimResult) => number,
  aim: string,
): Row {
  const of = (one: Case) => median((results.get(one) ?? []).map(pick));
  return { what, samples: [of(LARGE) / of(SMALL)], aim };
}
