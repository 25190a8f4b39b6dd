/** One picture of a launch: its phases, the one that goes on, and the end of its log. */
import { safeLine } from "../text/safe-text.ts";
import type { Paint } from "../text/paint.ts";
import { elapsed } from "./elapsed.ts";
import type { ProgressState, ShownPhase } from "./progress-state.ts";

export interface FrameOptions {
  readonly nowMs: number;
  readonly paint: Paint;
  readonly columns: number;
  readonly rows: number;
  readonly isEnded: boolean;
}

const SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏";
const SPIN_MS = 100;
const LOG_LINES = 5;
const LOG_LINES_OF_FAILURE = 15;
/** What a screen cuts off; characters that take two columns are counted as one. */
const LINE_MAX = 2;

/** Never more lines than the screen has, or it could not be written over. */
export function frameOf(state: ProgressState, options: FrameOptions): readonly string[] {
  const phases = state.phases.map((phase) => phaseLine(phase, state.hasFailed, options));
  const wanted = state.hasFailed ? LOG_LINES_OF_FAILURE : options.isEnded ? 0 : LOG_LINES;
  const room = Math.max(0, Math.min(wanted, options.rows - phases.length - 2));
  const log = room === 0 ? [] : state.lines.slice(-room).map((line) => logLine(line, options));
  return [...phases, ...log].slice(-Math.max(1, options.rows - 1));
}

function phaseLine(phase: ShownPhase, hasFailed: boolean, options: FrameOptions): string {
  const { paint, nowMs } = options;
  const isOver = phase.endedAtMs !== null;
  const durationMs = (phase.endedAtMs ?? nowMs) - phase.startedAtMs;
  const mark = isOver ? paint.green("✓") : hasFailed ? paint.red("✗") : paint.cyan(spinner(nowMs));
  const name = phase.name.padEnd(10);
  const time = elapsed(durationMs).padStart(7);
  const message = safeLine(phase.message, { colours: false });
  const shown = isOver ? paint.dim(message) : message;
  return `${mark} ${isOver ? name : paint.bold(name)} ${paint.dim(time)}  ${shown}`.trimEnd();
}

function logLine(line: string, { paint, columns }: FrameOptions): string {
  const text = safeLine(line, { colours: false }).slice(0, columns * LINE_MAX);
  return `  ${paint.dim("│")} ${paint.dim(text)}`;
}

function spinner(nowMs: number): string {
  return SPINNER[Math.floor(nowMs / SPIN_MS) % SPINNER.length] ?? "·";
}
