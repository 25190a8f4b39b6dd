/** Many runs of drills at once: a worker for each processor, where nothing is real but the work. */
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";

const YOUNG_MB = 96;

/** One drill, or one of its ablations, with one seed. */
export interface DrillJob {
  /** A name, the path of a file, or null for chaos. */
  readonly given: string | null;
  readonly workingDirectory: string;
  readonly seed: number;
  /** Name of the ablation; null for the drill itself. */
  readonly ablation: string | null;
  readonly without: readonly string[];
  /** Runs it a second time and compares the traces. */
  readonly isTwice: boolean;
  /** Runs it without its faults, too. */
  readonly isControlled: boolean;
}

export interface DrillResult {
  readonly job: DrillJob;
  readonly isPassed: boolean;
  /** What did not hold, in words. */
  readonly broken: readonly string[];
  readonly traceHash: string;
  readonly records: number;
  readonly virtualMs: number;
  readonly realMs: number;
}

export type DrillAnswer =
  | { readonly kind: "result"; readonly result: DrillResult }
  /** The drill could not be run at all: it is malformed, or Bindery has a bug. */
  | { readonly kind: "error"; readonly job: DrillJob; readonly message: string };

type Ended = (index: number, result: DrillResult) => void;

/** Begins them in their order, and tells of each as it ends. Rejects for the first that could not be run. */
export async function runDrillJobs(jobs: readonly DrillJob[], ended: Ended): Promise<void> {
  const queue = [...jobs.entries()];
  const count = Math.min(queue.length, availableParallelism());
  await Promise.all(Array.from({ length: count }, () => workThrough(queue, ended)));
}

async function workThrough(queue: [number, DrillJob][], ended: Ended): Promise<void> {
  const worker = new Worker(new URL("./drill-worker.ts", import.meta.url), {
    // A run makes much that is thrown away soon: a small nursery would be swept all the time.
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
  });
  try {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const [index, job] = next;
      const answer = await answerOf(worker, job);
      if (answer.kind === "error") throw new Error(answer.message);
      ended(index, answer.result);
    }
  } finally {
    queue.length = 0;
    await worker.terminate();
  }
}

function answerOf(worker: Worker, job: DrillJob): Promise<DrillAnswer> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      worker.off("message", took);
      worker.off("error", broke);
      worker.off("exit", left);
    };
    const took = (answer: DrillAnswer) => {
      stop();
      resolve(answer);
    };
    const broke = (error: Error) => {
      stop();
      reject(error);
    };
    const left = (code: number) => {
      stop();
      reject(new Error(`a worker ended with code ${code} during ${job.given ?? "chaos"}`));
    };
    worker.on("message", took);
    worker.on("error", broke);
    worker.on("exit", left);
    worker.postMessage(job);
  });
}
