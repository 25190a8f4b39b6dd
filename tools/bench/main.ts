/** `npm run bench`: all benches, or those that are named; each is bounded and cleans up after itself. */
import { availableParallelism, loadavg } from "node:os";
import { parseArgs } from "node:util";
import { BENCHES } from "./bench-table.ts";
import type { Bench, Stage } from "./harness/bench.ts";
import { ROOT } from "./harness/bindery.ts";
import { printTable, writeReport } from "./harness/report.ts";

const ROUNDS = 5;
const SECOND_MS = 1_000;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: "string", default: String(ROUNDS) },
    list: { type: "boolean", default: false },
  },
});

async function main(): Promise<void> {
  if (values.list) {
    for (const { name, summary } of BENCHES) console.log(`${name.padEnd(10)} ${summary}`);
    return;
  }
  const unknown = positionals.filter((name) => !BENCHES.some((bench) => bench.name === name));
  if (unknown.length > 0) {
    const names = BENCHES.map(({ name }) => name).join(", ");
    console.error(`There is no bench ${unknown.join(", ")}; there are ${names}.`);
    process.exitCode = 2;
    return;
  }
  const interrupted = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.once(signal, () => interrupted.abort(new Error(`ended by ${signal}`)));
  }
  for (const bench of BENCHES) {
    if (positionals.length > 0 && !positionals.includes(bench.name)) continue;
    if (interrupted.signal.aborted) break;
    await runBench(bench, interrupted.signal);
  }
}

async function runBench(bench: Bench, interrupted: AbortSignal): Promise<void> {
  const startedMs = performance.now();
  console.log(`\n== ${bench.name}: ${bench.summary}`);
  const load = loadavg()[0] ?? 0;
  if (load > availableParallelism() / 2) {
    console.log(`   the machine is busy (load ${load.toFixed(1)}): look at minima and ratios`);
  }
  const cleanUps: (() => Promise<void> | void)[] = [];
  const signal = AbortSignal.any([interrupted, AbortSignal.timeout(bench.limitMs)]);
  const stage: Stage = {
    rounds: Math.max(1, Number(values.rounds)),
    signal,
    defer: (cleanUp) => void cleanUps.push(cleanUp),
    say: (line) => console.error(`   ${line}`),
  };
  try {
    const tables = await Promise.race([bench.run(stage), rejection(signal)]);
    for (const table of tables) printTable(table);
    const path = await writeReport(ROOT, bench.name, tables);
    const seconds = ((performance.now() - startedMs) / SECOND_MS).toFixed(0);
    console.log(`\n${path} (${seconds} s)`);
  } catch (error) {
    console.error(`${bench.name} could not be measured:`, error);
    process.exitCode = 1;
  } finally {
    await cleanUpAll(cleanUps);
  }
}

/** The last thing made goes first; what fails does not keep the rest. */
async function cleanUpAll(cleanUps: readonly (() => Promise<void> | void)[]): Promise<void> {
  for (const cleanUp of cleanUps.toReversed()) {
    try {
      await cleanUp();
    } catch (error) {
      console.error("something could not be cleaned up:", error);
    }
  }
}

function rejection(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
  });
}

await main();
