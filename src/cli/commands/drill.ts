/** `bindery drill` */
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import {
  type Ablation,
  type Drill,
  type DrillOutcome,
  drillNames,
  loadDrill,
  protectionNames,
  randomDrill,
  reportOf,
  runWish,
} from "#app/simulated.ts";
import { closest } from "#base/closest.ts";
import { AppError } from "#core/errors.ts";
import type { Call, GivenFlags, Run } from "../command.ts";
import type { ExitName } from "../exit-codes.ts";
import { listWords } from "./drill-lists.ts";
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

function withoutOf(flags: GivenFlags): readonly string[] {
  const given = flags
    .texts("without")
    .flatMap((text) => text.split(","))
    .filter((name) => name !== "");
  const known = protectionNames();
  if (given.includes("all")) return known;
  for (const name of given) {
    if (known.includes(name)) continue;
    const meant = closest(name, known);
    throw wrong(
      `There is no protection "${name}".${meant === null ? "" : ` Did you mean ${meant}?`} See \`bindery drill --policies\`.`,
    );
  }
  return given;
}

const SEEDS_MAX = 100_000;

/** `--seed 7`, `--seeds 1..20`; without either, seed 1. */
function seedsOf(flags: GivenFlags): readonly number[] {
  const range = flags.text("seeds");
  const single = flags.text("seed");
  if (range !== null && single !== null) throw wrong("Give --seed or --seeds.");
  if (range === null) return [numberOf(single ?? "1", "--seed")];
  const match = /^(\d+)\.\.(\d+)$/.exec(range);
  const from = Number(match?.[1]);
  const to = Number(match?.[2]);
  if (match === null || to < from || to - from >= SEEDS_MAX)
    throw wrong(`--seeds should be a range such as 1..20, not "${range}".`);
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

function numberOf(text: string, flag: string): number {
  if (!/^\d{1,15}$/.test(text)) throw wrong(`${flag} should be a whole number, not "${text}".`);
  return Number(text);
}

function writeTrace(outcome: DrillOutcome, { flags, workingDirectory, terminal }: Call): void {
  const file = flags.text("trace");
  if (file === null) return;
  const lines = outcome.run.records.map((record) => `${JSON.stringify(record)}\n`);
  writeFileSync(resolve(workingDirectory, file), lines.join(""));
  terminal.note(`${lines.length} records are in ${file}.`);
}

function wrong(message: string): AppError {
  return new AppError("command-invalid", message);
}
