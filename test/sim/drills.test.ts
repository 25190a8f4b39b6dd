/** Every drill passes, with many seeds, and fails without what it is there to show. */
import { describe, expect, it } from "vitest";
import { type DrillJob, type DrillResult, runDrillJobs } from "./drill-jobs.ts";
import { drillNames, loadDrill } from "#app/simulated.ts";

const HERE = import.meta.dirname;
/** A few in every run of the suite; `bindery drill --all --seeds 1..20` runs as many as one likes. */
const SEEDS_EACH = 1;
const SEEDS_TWICE = 1;
const SEEDS_OF_ABLATIONS = 1;
const CHAOS_SEEDS = 5;

/** Of the first seeds, that without faults nothing is done. */
const SEEDS_CONTROLLED = 1;

const PLAIN = {
  ...{ workingDirectory: HERE, ablation: null, without: [] },
  ...{ isTwice: false, isControlled: false },
};

/** What did not hold, each with the command that shows it again. */
async function broken(jobs: readonly DrillJob[]): Promise<readonly string[]> {
  const lines: string[] = [];
  let ran = 0;
  await runDrillJobs(jobs, (result) => {
    ran += 1;
    if (!result.isPassed) lines.push(...complaints(result));
  });
  expect(ran).toBe(jobs.length);
  return lines;
}

function complaints({ broken: what, job }: DrillResult): readonly string[] {
  const name = job.given ?? "--chaos";
  const left = job.ablation === null ? "" : ` --ablation "${job.ablation}"`;
  return what.map((line) => `bindery drill ${name} --seed ${job.seed}${left}: ${line}`);
}

function seeds(count: number, job: (seed: number) => DrillJob): readonly DrillJob[] {
  return Array.from({ length: count }, (_, index) => job(index + 1));
}

describe.each(drillNames().map((name) => [name] as const))("%s", (given) => {
  const count = SEEDS_EACH;

  it(`passes with seeds 1 to ${count}, and twice the same`, async () => {
    const jobs = seeds(count, (seed) => ({
      ...{ ...PLAIN, given, seed },
      isTwice: seed <= SEEDS_TWICE,
      isControlled: seed <= SEEDS_CONTROLLED,
    }));
    expect(await broken(jobs)).toEqual([]);
  });

  it("fails without what it shows", async () => {
    const { ablations } = loadDrill(given, HERE);
    const jobs = ablations.flatMap(({ name }) =>
      seeds(SEEDS_OF_ABLATIONS, (seed) => ({ ...PLAIN, given, seed, ablation: name })),
    );
    expect(await broken(jobs)).toEqual([]);
  });
});

describe("chaos", () => {
  it(`violates no invariant with seeds 1 to ${CHAOS_SEEDS}`, async () => {
    const jobs = seeds(CHAOS_SEEDS, (seed) => ({
      ...{ ...PLAIN, given: null, seed },
      isTwice: seed <= SEEDS_TWICE,
    }));
    expect(await broken(jobs)).toEqual([]);
  });
});
