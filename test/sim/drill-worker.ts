/** Runs drills that it is sent, one at a time. */
import { parentPort } from "node:worker_threads";
import type { DrillAnswer, DrillJob } from "./drill-jobs.ts";
import { brokenOf, type Drill, loadDrill, randomDrill, runWish } from "#app/simulated.ts";

const drills = new Map<string, Drill>();

parentPort?.on("message", (job: DrillJob) => {
  void answer(job).then((given) => parentPort?.postMessage(given));
});

async function answer(job: DrillJob): Promise<DrillAnswer> {
  try {
    const drill = drillOf(job);
    const ablation = drill.ablations.find(({ name }) => name === job.ablation) ?? null;
    if (job.ablation !== null && ablation === null) {
      return { kind: "error", job, message: `${drill.name} has no ablation "${job.ablation}"` };
    }
    const { isControlled, isTwice, seed, without } = job;
    const given = job.given ?? "--chaos";
    const outcome = await runWish({ given, drill, seed, without, ablation, isTwice, isControlled });
    const { isPassed, realMs, run } = outcome;
    const { records, traceHash, virtualMs } = run;
    const counts = { traceHash, virtualMs, realMs, records: records.length };
    return { kind: "result", result: { job, isPassed, broken: brokenOf(outcome), ...counts } };
  } catch (error) {
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { kind: "error", job, message };
  }
}

function drillOf({ given, seed, workingDirectory }: DrillJob): Drill {
  if (given === null) return randomDrill(seed);
  const known = drills.get(given);
  if (known !== undefined) return known;
  const drill = loadDrill(given, workingDirectory);
  drills.set(given, drill);
  return drill;
}
