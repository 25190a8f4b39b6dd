/** What a drill's run came to, for people and as JSON. */
import {
  brokenOf,
  type DrillOutcome,
  limitText,
  shownTimeline,
  valueText,
  zoneOf,
} from "#app/simulated.ts";
import { formatDuration } from "#base/units.ts";
import { columns, wrap } from "../text/columns.ts";
import type { Terminal } from "../text/terminal.ts";

const WIDTH_MAX = 120;
const TIME_WIDTH = 10;

/** One run: its timeline, each criterion with its measured value, and the verdict. */
export function showOutcome(outcome: DrillOutcome, terminal: Terminal): void {
  const { drill, seed, ablation, without } = outcome;
  const { paintOut } = terminal;
  terminal.out(paintOut.bold(drill.title));
  const what = [
    `${drill.name}, seed ${seed}`,
    ablation === null ? null : `ablation "${ablation.name}"`,
    without.length === 0 ? null : `without ${without.join(", ")}`,
    `times in ${zoneOf(drill)}`,
  ];
  for (const line of wrap(what.filter((part) => part !== null).join("; "), widthOf(terminal))) {
    terminal.out(paintOut.dim(line));
  }
  showTimeline(outcome, terminal);
  showCriteria(outcome, terminal);
  showVerdict(outcome, terminal);
}

export function showTimeline(
  outcome: Pick<DrillOutcome, "drill" | "run">,
  terminal: Terminal,
): void {
  const { paintOut } = terminal;
  const marks: Readonly<Record<string, string>> = {
    happened: paintOut.yellow("!"),
    found: paintOut.cyan("?"),
    done: paintOut.green(">"),
    page: paintOut.red("#"),
    people: paintOut.yellow("!"),
    resolved: paintOut.green("="),
  };
  let day = "";
  for (const { date, time, kind, text } of shownTimeline(outcome)) {
    if (date !== day) terminal.out(`\n${paintOut.bold(date)}`);
    day = date;
    const [first = "", ...rest] = wrap(text, widthOf(terminal) - TIME_WIDTH - 2);
    terminal.out(`${time}  ${marks[kind] ?? " "} ${first}`);
    for (const line of rest) terminal.out(" ".repeat(TIME_WIDTH + 2) + line);
  }
}

export function showCriteria(
  { ablated, verdict }: Pick<DrillOutcome, "ablated" | "verdict">,
  terminal: Terminal,
): void {
  const { paintOut } = terminal;
  terminal.out("");
  const judged = [...verdict.judged, ...(ablated?.shown ?? [])];
  const rows = judged.map((each) => [
    each.isMet ? paintOut.green("✓") : paintOut.red("✗"),
    each.letter === null ? each.name : `${each.letter}  ${each.name}`,
    valueText(each),
    paintOut.dim(limitText(each)) +
      (each.because === null ? "" : paintOut.dim(`; ${each.because}`)),
  ]);
  for (const line of columns(rows)) terminal.out(line);
}

function showVerdict(outcome: DrillOutcome, terminal: Terminal): void {
  const { ablated, drill, isPassed, isRepeatable, realMs, run } = outcome;
  const { paintOut } = terminal;
  terminal.out("");
  for (const line of ablated === null ? [] : brokenOf(outcome)) terminal.out(paintOut.red(line));
  const speed = `${formatDuration(run.virtualMs)} of virtual time in ${formatDuration(realMs)}, ${run.records.length} records, trace ${run.traceHash.slice(0, 12)}`;
  const twice = isRepeatable === true ? "; the second run was the same" : "";
  if (ablated !== null && isPassed)
    terminal.out(paintOut.green("It fails as it must: the drill bites."));
  else if (isPassed) terminal.out(paintOut.green("Passed."));
  else {
    terminal.out(paintOut.red("Failed."));
    terminal.out(paintOut.dim(`Again: ${commandOf(outcome)}`));
  }
  for (const reason of Object.entries(drill.except))
    terminal.out(paintOut.dim(`Not asked: ${reason.join(": ")}`));
  terminal.out(paintOut.dim(speed + twice));
}

/** One run among many. */
export function showLine(outcome: DrillOutcome, terminal: Terminal): void {
  const { paintOut } = terminal;
  const { drill, seed, ablation, isPassed, realMs } = outcome;
  const mark = isPassed ? paintOut.green("✓") : paintOut.red("✗");
  const name = ablation === null ? drill.name : `${drill.name}: ${ablation.name}`;
  const time = paintOut.dim(formatDuration(realMs));
  terminal.out(`${mark} ${name}, seed ${seed}  ${time}`);
  if (isPassed) return;
  for (const line of brokenOf(outcome)) terminal.out(`    ${line}`);
}

export function showSummary(
  count: number,
  failed: readonly DrillOutcome[],
  terminal: Terminal,
): void {
  const { paintOut } = terminal;
  terminal.out("");
  if (failed.length === 0) {
    terminal.out(paintOut.green(`All ${count} runs passed.`));
    return;
  }
  terminal.out(paintOut.red(`${failed.length} of ${count} runs failed. To see the first of them:`));
  const [first] = failed;
  if (first !== undefined) terminal.out(`  ${commandOf(first)}`);
}

export function outcomeJson(outcome: DrillOutcome): object {
  const { drill, seed, without, ablation, ablated, verdict, isPassed, isRepeatable, run, realMs } =
    outcome;
  return {
    drill: drill.name,
    seed,
    without,
    ablation: ablation?.name ?? null,
    isPassed,
    isRepeatable,
    traceHash: run.traceHash,
    virtualMs: run.virtualMs,
    realMs: Math.round(realMs),
    criteria: verdict.judged,
    ablated,
    invariants: run.invariants,
    timeline: shownTimeline(outcome),
  };
}

/** The one command that repeats it. */
function commandOf({ given, seed, ablation, without }: DrillOutcome): string {
  const left =
    ablation !== null
      ? ` --ablation '${ablation.name}'`
      : without.length > 0
        ? ` --without ${without.join(",")}`
        : "";
  return `bindery drill ${given} --seed ${seed}${left}`;
}

function widthOf(terminal: Terminal): number {
  return Math.max(40, Math.min(WIDTH_MAX, terminal.columns));
}
