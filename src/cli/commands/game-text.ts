/** A game day in words: how to take part, and how it went. */
import {
  type FaultScore,
  type GameOutcome,
  PAR_MS,
  type Stage,
  STAGES,
  type StageScore,
} from "#app/game-day/judge-game.ts";
import type { GamePlace } from "#app/game-day/serve-game.ts";
import { type Drill, shownTimeline } from "#app/simulated.ts";
import { formatDuration } from "#base/units.ts";
import { columns, wrap } from "../text/columns.ts";
import type { Terminal } from "../text/terminal.ts";
import { showCriteria, showTimeline } from "./drill-text.ts";

interface Beginning extends GamePlace {
  readonly drill: Drill;
  readonly seed: number;
  readonly without: readonly string[];
  readonly pace: number;
}

const WIDTH_MAX = 120;

/** The drill's title stays unsaid: it tells what will be wrong. */
export function showBeginning(beginning: Beginning, terminal: Terminal): void {
  const { drill, pace, seed, token, url, without } = beginning;
  const { lastsMs, name } = drill;
  if (terminal.isJson) {
    terminal.json({ kind: "serving", drill: name, seed, without, pace, lastsMs, url, token });
    return;
  }
  const { paintOut } = terminal;
  const real = formatDuration(lastsMs / pace);
  const left = without.length === 0 ? "" : ` Without ${without.join(", ")}.`;
  terminal.out(
    paintOut.bold(`You are on duty for ${formatDuration(lastsMs)}, which take ${real}.${left}`),
  );
  terminal.out("In another terminal:");
  for (const line of [
    `export BINDERY_TOKEN=${token}`,
    `bindery status --server ${url}`,
    `bindery incidents --server ${url}        # and nodes, audit`,
    `bindery do declare CAUSE SUBJECT --server ${url}   # what you think is wrong`,
    `bindery do COMMAND … --server ${url}     # bindery help do`,
  ])
    terminal.out(`  ${line}`);
  terminal.note("Ctrl-C ends the game day early; you are scored then, too.");
}

export function showGame(
  outcome: GameOutcome,
  { file, given }: { readonly given: string; readonly file: string },
  terminal: Terminal,
): void {
  const { drill, record, score, verdict } = outcome;
  const { paintOut } = terminal;
  const without = record.without.length === 0 ? "" : `, without ${record.without.join(", ")}`;
  terminal.out("");
  terminal.out(paintOut.bold(drill.title));
  terminal.out(paintOut.dim(`${drill.name}, seed ${record.seed}${without}`));
  showTimeline(outcome, terminal);
  showCriteria({ verdict, ablated: null }, terminal);
  terminal.out("");
  for (const fault of score.faults) showFault(fault, terminal);
  for (const line of wrap(totalText(outcome), Math.min(WIDTH_MAX, terminal.columns)))
    terminal.out(paintOut.bold(line));
  terminal.out(paintOut.dim(`Once more: bindery drill ${given} --replay ${file}`));
}

const STAGE_WORDS: Readonly<Record<Stage, string>> = {
  detect: "seen",
  cause: "right cause declared",
  mitigate: "mitigated",
  resolve: "over",
};

function showFault({ atMs, causes, fault, stages, wrongDeclares }: FaultScore, terminal: Terminal) {
  const names = causes.join(" or ");
  terminal.out(`${fault} after ${formatDuration(atMs)}: ${names}`);
  const rows = STAGES.map((stage) => [
    `  ${STAGE_WORDS[stage]}`,
    afterText(stages[stage], stage === "cause" ? wrongDeclares : 0),
    pointsText(stages[stage]),
    terminal.paintOut.dim(`all points within ${formatDuration(PAR_MS[stage])}`),
  ]);
  for (const line of columns(rows)) terminal.out(line);
}

function afterText({ afterMs, by }: StageScore, wrongDeclares: number): string {
  const wrong = wrongDeclares === 0 ? "" : `, ${wrongDeclares} wrong`;
  if (afterMs === null) return `never${wrong}`;
  return `after ${formatDuration(afterMs)}${by === "machine" ? ", without you" : ""}${wrong}`;
}

function pointsText({ points, pointsMax }: StageScore): string {
  return pointsMax === 0 ? "–" : `${points} of ${pointsMax}`;
}

function totalText({ isWhole, record, score }: GameOutcome): string {
  const { commands, faults, points, pointsMax } = score;
  const early = isWhole ? "" : ` It was ended after ${formatDuration(record.playedMs)}.`;
  const given = commands === 1 ? "1 command" : `${commands} commands`;
  if (faults.length === 0) return `There was no fault that is scored; you gave ${given}.${early}`;
  return `${points} of ${pointsMax} points with ${given}.${early}`;
}

export function gameJson(outcome: GameOutcome, file: string): object {
  const { drill, isWhole, record, run, score, verdict } = outcome;
  return {
    kind: "game-day",
    drill: drill.name,
    seed: record.seed,
    without: record.without,
    playedMs: record.playedMs,
    isWhole,
    isPassed: verdict.isPassed,
    score,
    criteria: verdict.judged,
    invariants: run.invariants,
    traceHash: run.traceHash,
    timeline: shownTimeline(outcome),
    file,
  };
}
