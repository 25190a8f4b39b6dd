/** One drill in a process of its own, as often longer as asked for: what it took, as JSON. */
import { loadDrill } from "#app/simulated.ts";
import type { Drill } from "#sim/drill/drill.ts";
import { runDrill } from "#sim/drill/run-drill.ts";
import { judge } from "#sim/drill/verdict.ts";
import type { SimResult } from "./sim.ts";

const KIB_PER_MIB = 1_024;
const [given = "", timesText = "1", seedText = "1"] = process.argv.slice(2);

const drill = repeated(loadDrill(given, import.meta.dirname), Number(timesText));
const startedMs = performance.now();
const run = await runDrill(drill, { seed: Number(seedText), without: [] });
const ranMs = performance.now() - startedMs;
const { judged } = judge(drill, run, null);
const judgedMs = performance.now() - startedMs - ranMs;
const result: SimResult = {
  ...{ ranMs, judgedMs },
  cpuMs: process.cpuUsage().user / 1_000,
  peakMb: process.resourceUsage().maxRSS / KIB_PER_MIB,
  sessions: run.records.filter(({ kind }) => kind === "session-started").length,
  launches: run.records.filter(({ kind }) => kind === "launch-ended").length,
  records: run.records.length,
  virtualMs: run.virtualMs,
  invariants: run.invariants,
  broken: judged.filter(({ isMet }) => !isMet).map(({ name }) => name),
  traceHash: run.traceHash,
};
console.log(JSON.stringify(result));

/** The same events again and again. */
function repeated(once: Drill, times: number): Drill {
  const rounds = Array.from({ length: times }, (_, round) => round * once.lastsMs);
  const events = rounds.flatMap((sinceMs) =>
    once.events.map((event) => ({ ...event, atMs: sinceMs + event.atMs })),
  );
  return { ...once, lastsMs: once.lastsMs * times, events };
}
