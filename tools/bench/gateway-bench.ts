/** Runs the gateway's bench, which is a program of its own, and gives its numbers as tables. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { MINUTE_MS } from "#base/units.ts";
import type { Bench, Stage, Table } from "./harness/bench.ts";

const PROGRAM = join(import.meta.dirname, "gateway.ts");
const SECONDS_PER_SAMPLE = 2;
const PROXY = "CHP";
const AIMS: Readonly<Record<string, string>> = { gateway: "≥ 3× CHP" };

export const gatewayBench: Bench = {
  name: "gateway",
  summary: "Requests and messages per second, beside the session alone and configurable-http-proxy",
  limitMs: 10 * MINUTE_MS,
  run,
};

/** A line of the program's JSON: medians of its rounds. */
interface Measured {
  readonly subject: string;
  readonly load: string;
  readonly perSecond: number;
  readonly p99Ms: number;
  readonly cpuMicros: number;
  readonly memoryMb: number;
}

async function run(stage: Stage): Promise<readonly Table[]> {
  const flags = ["--json", "--rounds", String(stage.rounds), "--seconds", `${SECONDS_PER_SAMPLE}`];
  const measured = JSON.parse(await output(stage, flags)) as readonly Measured[];
  const loads = [...new Set(measured.map(({ load }) => load))];
  const medians = `medians of ${stage.rounds} runs`;
  return loads.flatMap((load) => {
    const those = measured.filter((each) => each.load === load);
    const rows = (pick: (each: Measured) => number, aims: Readonly<Record<string, string>>) =>
      those.map((each) => {
        const aim = aims[each.subject];
        return { what: each.subject, samples: [pick(each)], ...(aim === undefined ? {} : { aim }) };
      });
    const against = PROXY;
    const table = (title: string, rest: Pick<Table, "unit" | "better" | "rows">): Table => ({
      title: `${load}: ${title}, ${medians}`,
      against,
      ...rest,
    });
    const isFirst = load === loads[0];
    const cpuAims = isFirst ? { gateway: "≤ 50" } : {};
    const memory = { unit: "MB", better: "less", rows: rows((m) => m.memoryMb, {}) } as const;
    return [
      table("per second", { unit: "1/s", better: "more", rows: rows((m) => m.perSecond, AIMS) }),
      table("p99", { unit: "ms", better: "less", rows: rows((m) => m.p99Ms, {}) }),
      table("CPU", { unit: "µs", better: "less", rows: rows((m) => m.cpuMicros, cpuAims) }),
      ...(isFirst ? [table("memory", memory)] : []),
    ];
  });
}

function output(stage: Stage, flags: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, [PROGRAM, ...flags], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  stage.defer(() => void child.kill("SIGTERM"));
  return new Promise((resolve, reject) => {
    let text = "";
    child.stdout.on("data", (chunk: Buffer) => {
      text += chunk.toString();
    });
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) resolve(text);
      else reject(new Error(`the gateway's bench ended with ${code}`));
    });
  });
}
