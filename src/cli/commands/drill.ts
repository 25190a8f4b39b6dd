/** `bindery drill` */
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import {
  type Ablation,
  type Drill,
  type DrillOutcome,
  drillNames,
  loadDrill,
  randomDrill,
  reportOf,
  runWish,
} from "#app/simulated.ts";
import type { Call, GivenFlags, Run } from "../command.ts";
import type { ExitName } from "../exit-codes.ts";
import { listWords } from "./drill-lists.ts";
import { seedsOf, withoutOf, wrong } from "./drill-options.ts";
import { outcomeJson, showLine, showOutcome, showSummary } from "./drill-text.ts";

/** What is to be run, in this order. */
interface Plan {
  readonly given: string;
  readonly drill: (seed: number) => Drill;
  readonly ablation: Ablation | null;
}

export const run: Run = async (call) => {
  const { flags, terminal } = call;
  if (listWords(call)) return "ok";
  if (flags.has("serve") || flags.has("replay"))
    return await (await import("./game-day.ts")).run(call);
  for (const name of ["pace", "port", "record"])
    if (flags.has(name)) throw wrong(`--${name} goes with --serve.`);
  const plans = plansOf(call);
  const seeds = seedsOf(flags);
  const without = withoutOf(flags);
  const isSingle = plans.length === 1 && seeds.length === 1;
  if (flags.has("trace") && !isSingle) throw wrong("--trace goes with one drill and one seed.");
  if (flags.has("report") && !isSingle) throw wrong("--report goes with one drill and one seed.");
  const failed: DrillOutcome[] = [];
  let count = 0;
  for (const { given, drill, ablation } of plans) {
    for (const seed of seeds) {
      const outcome = await runWish({
        given,
        drill: drill(seed),
        seed,
        without,
        ablation,
        isTwice: flags.has("twice"),
        isControlled: true,
      });
      count += 1;
      if (!outcome.isPassed) failed.push(outcome);
      writeTrace(outcome, call);
      if (terminal.isJson) terminal.json(outcomeJson(outcome));
      else if (flags.has("report")) terminal.out(reportOf(outcome).trimEnd());
      else if (isSingle) showOutcome(outcome, terminal);
      else showLine(outcome, terminal);
    }
  }
  if (!isSingle && !terminal.isJson) showSummary(count, failed, terminal);
  return exitOf(failed);
};

function exitOf(failed: readonly DrillOutcome[]): ExitName {
  return failed.length === 0 ? "ok" : "failed";
}

function plansOf({ flags, operands, workingDirectory }: Call): readonly Plan[] {
  const [given] = operands;
  if (flags.has("chaos")) {
    if (given !== undefined || flags.has("all"))
      throw wrong("--chaos makes its own drill: give no other.");
    return [{ given: "--chaos", drill: randomDrill, ablation: null }];
  }
  if ((given === undefined) === !flags.has("all")) {
    throw wrong("Give the name of a drill, the path of its file, --all or --chaos.");
  }
  const names = given === undefined ? drillNames() : [given];
  return names.flatMap((name) => {
    const drill = loadDrill(name, workingDirectory);
    return ablationsOf(drill, flags).map((ablation) => ({
      given: name,
      drill: () => drill,
      ablation,
    }));
  });
}

/** Null is the drill itself. */
function ablationsOf(drill: Drill, flags: GivenFlags): readonly (Ablation | null)[] {
  const wanted = flags.text("ablation");
  if (wanted === null) return [null];
  if (flags.has("without"))
    throw wrong("--ablation says itself what is left out: give it or --without.");
  if (wanted === "all") return drill.ablations;
  const names = drill.ablations.map(({ name }) => name);
  const found = drill.ablations.find(({ name }) => name === wanted);
  if (found !== undefined) return [found];
  throw wrong(`${drill.name} has no ablation "${wanted}". It has: ${names.join("; ") || "none"}.`);
}

function writeTrace(outcome: DrillOutcome, { flags, workingDirectory, terminal }: Call): void {
  const file = flags.text("trace");
  if (file === null) return;
  const lines = outcome.run.records.map((record) => `${JSON.stringify(record)}\n`);
  writeFileSync(resolve(workingDirectory, file), lines.join(""));
  terminal.note(`${lines.length} records are in ${file}.`);
}
