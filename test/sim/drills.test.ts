/** Every drill passes, with many seeds, and fails without what it is there to show. */
import { beforeAll, describe, expect, it } from "vitest";
import { type DrillJob, type DrillResult, runDrillJobs } from "./drill-jobs.ts";
import { drillNames, loadDrill } from "#app/simulated.ts";

const HERE = import.meta.dirname;
const SEEDS_EACH = 20;
/** The founding drill, and the day on which nothing may be done. */
const SEEDS_OF: Readonly<Record<string, number>> = { "reddit-hug": 100, quiet: 100 };
/** Of the first seeds, that the same seed runs the same. */
const SEEDS_TWICE = 2;
/** Of the first seeds, that without faults nothing is done. */
const SEEDS_CONTROLLED = 2;
const SEEDS_ABLATED = 2;
/** What was published about that night has to come out whatever chance does. */
const SEEDS_ABLATED_OF: Readonly<Record<string, number>> = { "reddit-hug": 5 };
const CHAOS_SEEDS = 200;
/** About four minutes where two processors have nothing else to do. */
const LIMIT_MS = 20 * 60_000;

/** What one test asks for. */
interface Group {
  readonly drill: string | null;
  readonly isAblated: boolean;
  /** All jobs of all groups share the workers: those of long drills go first. */
  readonly virtualMs: number;
  readonly jobs: readonly DrillJob[];
}

const PLAIN = {
  ...{ workingDirectory: HERE, ablation: null, without: [] },
  ...{ isTwice: false, isControlled: false },
};

function seeds(count: number, job: (seed: number) => DrillJob): readonly DrillJob[] {
  return Array.from({ length: count }, (_, index) => job(index + 1));
}

function groupsOf(given: string): readonly Group[] {
  const { ablations, lastsMs } = loadDrill(given, HERE);
  const whole = seeds(SEEDS_OF[given] ?? SEEDS_EACH, (seed) => ({
    ...{ ...PLAIN, given, seed },
    isTwice: seed <= SEEDS_TWICE,
    isControlled: seed <= SEEDS_CONTROLLED,
  }));
  const ablated = ablations.flatMap(({ name }) =>
    seeds(SEEDS_ABLATED_OF[given] ?? SEEDS_ABLATED, (seed) => ({
      ...PLAIN,
      given,
      seed,
      ablation: name,
    })),
  );
  const common = { drill: given, virtualMs: lastsMs };
  return [
    { ...common, isAblated: false, jobs: whole },
    { ...common, isAblated: true, jobs: ablated },
  ];
}

const CHAOS: Group = {
  ...{ drill: null, isAblated: false, virtualMs: 0 },
  jobs: seeds(CHAOS_SEEDS, (seed) => ({
    ...{ ...PLAIN, given: null, seed },
    isTwice: seed <= SEEDS_TWICE,
  })),
};
const GROUPS = [...drillNames().flatMap(groupsOf), CHAOS];

/** What did not hold, each with the command that shows it again. */
const complaints = new Map<DrillJob, readonly string[]>();

function complaintsOf({ broken, isPassed, job }: DrillResult): readonly string[] {
  if (isPassed) return [];
  const name = job.given ?? "--chaos";
  const left = job.ablation === null ? "" : ` --ablation "${job.ablation}"`;
  return broken.map((line) => `bindery drill ${name} --seed ${job.seed}${left}: ${line}`);
}

/** Every job of the group ran, and these did not hold. */
function brokenIn({ jobs }: Group): readonly string[] {
  return jobs.flatMap(
    (job) => complaints.get(job) ?? [`${job.given}, seed ${job.seed}: no result`],
  );
}

beforeAll(async () => {
  const longestFirst = GROUPS.toSorted((a, b) => b.virtualMs - a.virtualMs);
  const jobs = longestFirst.flatMap((group) => group.jobs);
  await runDrillJobs(jobs, (index, result) => {
    const job = jobs[index];
    if (job !== undefined) complaints.set(job, complaintsOf(result));
  });
}, LIMIT_MS);

describe.each(GROUPS.filter(({ drill }) => drill !== null))("$drill", (group) => {
  it(`${group.isAblated ? "fails without what it shows" : "passes, and twice the same"}: ${group.jobs.length} runs`, () => {
    expect(brokenIn(group)).toEqual([]);
  });
});

describe("chaos", () => {
  it(`violates no invariant with seeds 1 to ${CHAOS_SEEDS}`, () => {
    expect(brokenIn(CHAOS)).toEqual([]);
  });
});
