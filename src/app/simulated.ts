/** The simulated world: drills by name or from a file, run as fast as they go, and judged. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, extname, join, resolve } from "node:path";
import { closest } from "#base/closest.ts";
import { AppError } from "#core/errors.ts";
import { PROTECTIONS } from "#core/protections.ts";
import { chaosDrill } from "#sim/drill/chaos-drill.ts";
import type { Ablation, Drill } from "#sim/drill/drill.ts";
import type { DrillRun } from "#sim/drill/drill-run.ts";
import { judgedText } from "#sim/drill/judged-text.ts";
import { parseDrill } from "#sim/drill/parse-drill.ts";
import { renderReport } from "#sim/drill/report.ts";
import { runDrill } from "#sim/drill/run-drill.ts";
import { timelineOf } from "#sim/drill/timeline.ts";
import { type AblationVerdict, judge, judgeAblation, type Verdict } from "#sim/drill/verdict.ts";
import { dateOf, secondOf, zoneName } from "#sim/drill/virtual-time.ts";
import { withoutReality } from "./forbid-reality.ts";

export type { Ablation, Drill } from "#sim/drill/drill.ts";
export { limitText, valueText } from "#sim/drill/judged-text.ts";

const DRILLS_FOLDER = join(import.meta.dirname, "../../drills");
const EXTENSION = ".yaml";

export interface DrillWish {
  /** What names it on a command line. */
  readonly given: string;
  readonly drill: Drill;
  readonly seed: number;
  readonly without: readonly string[];
  readonly ablation: Ablation | null;
  /** Runs it a second time and compares the traces. */
  readonly isTwice: boolean;
  /** Runs it without its faults, too: then nothing may be done, and nobody woken (criterion C). */
  readonly isControlled: boolean;
}

export interface DrillOutcome extends DrillWish {
  readonly run: DrillRun;
  readonly verdict: Verdict;
  /** Null when no ablation was asked for. */
  readonly ablated: AblationVerdict | null;
  readonly isPassed: boolean;
  /** Null when it ran once. */
  readonly isRepeatable: boolean | null;
  /** Of the drill itself, without the control run. */
  readonly realMs: number;
}

export interface ShownEntry {
  readonly date: string;
  readonly time: string;
  readonly kind: string;
  readonly text: string;
}

/** Those that come with Bindery. */
export function drillNames(): readonly string[] {
  if (!existsSync(DRILLS_FOLDER)) return [];
  return readdirSync(DRILLS_FOLDER)
    .filter((file) => file.endsWith(EXTENSION))
    .map((file) => basename(file, EXTENSION))
    .toSorted();
}

/** Errors: drill-not-found, drill-invalid. */
export function loadDrill(nameOrFile: string, workingDirectory: string): Drill {
  const file = fileOf(nameOrFile, workingDirectory);
  const beside = join(file, "..");
  const name = basename(file, extname(file));
  const textOf = (other: string) => {
    if (!/^[\w-]+$/.test(other)) return null;
    const found = [beside, DRILLS_FOLDER]
      .map((folder) => join(folder, other + EXTENSION))
      .find(existsSync);
    return found === undefined ? null : readFileSync(found, "utf8");
  };
  const parsed = parseDrill({ name, text: readFileSync(file, "utf8") }, textOf);
  if (parsed.kind === "drill") return parsed.drill;
  const lines = parsed.complaints.map(({ file: of, line, message }) => `${of}:${line}: ${message}`);
  throw new AppError("drill-invalid", lines.join("\n"));
}

function fileOf(nameOrFile: string, workingDirectory: string): string {
  const names = drillNames();
  if (names.includes(nameOrFile)) return join(DRILLS_FOLDER, nameOrFile + EXTENSION);
  const file = resolve(workingDirectory, nameOrFile);
  if (/\.ya?ml$/.test(nameOrFile) && existsSync(file)) return file;
  const meant = closest(nameOrFile, names);
  const hint = meant === null ? "" : ` Did you mean ${meant}?`;
  throw new AppError("drill-not-found", `There is no drill "${nameOrFile}".${hint}`);
}

export function randomDrill(seed: number): Drill {
  return chaosDrill(seed);
}

/** Nothing else may go on in the process meanwhile: the real clock, timers and chance are shut off. */
export async function runWish(wish: DrillWish): Promise<DrillOutcome> {
  const { ablation, seed } = wish;
  const drill = ablation === null ? wish.drill : ablatedDrill(wish.drill, ablation);
  const without = ablation?.without ?? wish.without;
  const startedMs = performance.now();
  const run = await withoutReality(() => runDrill(drill, { seed, without }));
  const realMs = performance.now() - startedMs;
  const isWhole = ablation === null && without.length === 0 && drill.except.C === undefined;
  const control =
    isWhole && wish.isControlled
      ? await runDrill(drill, { seed, without, isControlRun: true })
      : null;
  const verdict = judge(drill, run, control);
  const ablated = ablation === null ? null : judgeAblation(ablation, drill, run);
  const isRepeatable = wish.isTwice
    ? (await runDrill(drill, { seed, without })).traceHash === run.traceHash
    : null;
  const isPassed = (ablated?.isAsExpected ?? verdict.isPassed) && isRepeatable !== false;
  return { ...wish, without, run, verdict, ablated, isPassed, isRepeatable, realMs };
}

function ablatedDrill(drill: Drill, { policy, world }: Ablation): Drill {
  return { ...drill, policy: { ...drill.policy, ...policy }, world: world ?? drill.world };
}

/** The timeline with virtual times. */
export function shownTimeline({
  drill,
  run,
}: Pick<DrillOutcome, "drill" | "run">): readonly ShownEntry[] {
  return timelineOf(run.records).map(({ atMs, kind, text }) => ({
    date: dateOf(atMs, drill.starts),
    time: secondOf(atMs, drill.starts),
    kind,
    text,
  }));
}

export function zoneOf({ starts }: Drill): string {
  return zoneName(starts);
}

export function reportOf({ drill, run, verdict }: DrillOutcome): string {
  return renderReport(drill, run, verdict);
}

/** What did not hold, in words. */
export function brokenOf({ verdict, ablated, isRepeatable }: DrillOutcome): readonly string[] {
  const repeat = isRepeatable === false ? ["the same seed ran differently the second time"] : [];
  if (ablated === null)
    return [...verdict.judged.filter(({ isMet }) => !isMet).map(judgedText), ...repeat];
  const nothing =
    ablated.failed.length === 0
      ? ["everything held, which shows that the drill does not bite"]
      : [];
  return [
    ...nothing,
    ...ablated.held.map((name) => `"${name}" held, although it must fail`),
    ...ablated.shown.filter(({ isMet }) => !isMet).map(judgedText),
    ...repeat,
  ];
}

export function protectionNames(): readonly string[] {
  return Object.keys(PROTECTIONS);
}
