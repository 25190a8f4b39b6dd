/** What a screen shows of a launch, as a value: phases with their times, and the last lines of a log. */
import type { LaunchEvent, LaunchPhase } from "#core/launch/launch.ts";

export interface ShownPhase {
  readonly name: LaunchPhase | "starting";
  /** What is said beside it; empty for nothing. */
  readonly message: string;
  readonly startedAtMs: number;
  /** Null while it goes on. */
  readonly endedAtMs: number | null;
}

export interface ProgressState {
  readonly phases: readonly ShownPhase[];
  /** The end of what the current phase has said. */
  readonly lines: readonly string[];
  readonly hasFailed: boolean;
}

export const NOTHING_SHOWN: ProgressState = { phases: [], lines: [], hasFailed: false };

/** Phases whose messages are the lines of a log. */
const LOGGED: readonly LaunchPhase[] = ["fetching", "building", "pushing"];
const LINES_KEPT = 20;

/** A step of our own is a phase before the first one of the launch. */
export function showStep(state: ProgressState, line: string, nowMs: number): ProgressState {
  const current = state.phases.at(-1);
  if (current?.name !== "starting" || current.endedAtMs !== null) {
    return enter(state, { name: "starting", message: line, startedAtMs: nowMs, endedAtMs: null });
  }
  return { ...state, phases: [...state.phases.slice(0, -1), { ...current, message: line }] };
}

export function showEvent(state: ProgressState, event: LaunchEvent, nowMs: number): ProgressState {
  const { phase } = event;
  if (phase === "ready") return endCurrent(state, nowMs);
  if (phase === "failed") return { ...state, hasFailed: true };
  const message = event.message.trim();
  const isLog = LOGGED.includes(phase);
  const current = state.phases.at(-1);
  if (current?.name !== phase || current.endedAtMs !== null) {
    const entered = enter(state, {
      name: phase,
      message: isLog ? "" : message,
      startedAtMs: nowMs,
      endedAtMs: null,
    });
    return isLog ? addLines(entered, event.message) : entered;
  }
  if (isLog) return addLines(state, event.message);
  return { ...state, phases: [...state.phases.slice(0, -1), { ...current, message }] };
}

/** The phase that goes on is over: so it ended well. */
export function endCurrent(state: ProgressState, nowMs: number): ProgressState {
  const current = state.phases.at(-1);
  if (current === undefined || current.endedAtMs !== null) return state;
  const phases = [...state.phases.slice(0, -1), { ...current, endedAtMs: nowMs }];
  return { ...state, phases, lines: [] };
}

function enter(state: ProgressState, phase: ShownPhase): ProgressState {
  const ended = endCurrent(state, phase.startedAtMs);
  return { ...ended, phases: [...ended.phases, phase], lines: [] };
}

function addLines(state: ProgressState, text: string): ProgressState {
  const added = text.split("\n").filter((line) => line.trim() !== "");
  return { ...state, lines: [...state.lines, ...added].slice(-LINES_KEPT) };
}
