/** What progress looks like: on a screen, in a file, for a program. */
import { describe, expect, it } from "vitest";
import { failure } from "#core/errors.ts";
import type { LaunchEvent } from "#core/launch/launch.ts";
import { paint } from "../text/paint.ts";
import type { Terminal } from "../text/terminal.ts";
import { createProgress } from "./create-progress.ts";
import { elapsed } from "./elapsed.ts";
import { frameOf } from "./frame.ts";
import { NOTHING_SHOWN, type ProgressState, showEvent, showStep } from "./progress-state.ts";

type Said = Pick<LaunchEvent, "phase" | "message"> & Partial<LaunchEvent>;
const event = (said: Said): LaunchEvent => ({ number: 1, atMs: 0, ...said });

function shown(...said: readonly (Said & { readonly nowMs: number })[]): ProgressState {
  return said.reduce(
    (state, { nowMs, ...rest }) => showEvent(state, event(rest), nowMs),
    NOTHING_SHOWN,
  );
}

const FRAME = { nowMs: 5_000, paint: paint(false), columns: 80, rows: 24, isEnded: false };

function recorded(screen: { readonly isJson?: boolean; readonly isLive?: boolean }) {
  const lines: string[] = [];
  const terminal: Terminal = {
    isJson: screen.isJson ?? false,
    isLive: screen.isLive ?? false,
    isOutScreen: false,
    paintOut: paint(false),
    paintNote: paint(false),
    columns: 80,
    rows: 24,
    out: (line) => lines.push(line),
    json: (value) => lines.push(JSON.stringify(value)),
    note: (line) => lines.push(line),
    draw: (text) => lines.push(text),
  };
  return { lines, terminal };
}

describe("a launch on a screen", () => {
  it("shows each phase with its time, and the end of the log of the one that goes on", () => {
    const state = shown(
      { phase: "waiting", message: "Waiting for build to start...", nowMs: 0 },
      { phase: "fetching", message: "From there\n", nowMs: 100 },
      { phase: "building", message: "line 1\nline 2\n", nowMs: 1_100 },
      { phase: "building", message: "line 3\n", nowMs: 2_000 },
    );
    expect(frameOf(state, FRAME)).toEqual([
      "✓ waiting      0.1 s  Waiting for build to start...",
      "✓ fetching     1.0 s",
      "⠋ building     3.9 s",
      "  │ line 1",
      "  │ line 2",
      "  │ line 3",
    ]);
  });

  it("a place in the queue replaces the one before", () => {
    const state = shown(
      { phase: "queued", message: "place 3", nowMs: 0 },
      { phase: "queued", message: "place 2", nowMs: 900 },
    );
    expect(frameOf(state, FRAME)).toEqual(["⠋ queued       5.0 s  place 2"]);
  });

  it("keeps only the last lines of a log, however many come", () => {
    const lines = Array.from({ length: 500 }, (_, index) => `line ${index}`).join("\n");
    const state = shown({ phase: "building", message: lines, nowMs: 0 });
    expect(state.lines.length).toBeLessThanOrEqual(20);
    expect(frameOf(state, FRAME).at(-1)).toBe("  │ line 499");
    expect(frameOf(state, { ...FRAME, rows: 4 })).toHaveLength(2);
  });

  it("a failure leaves the phase that failed and more of its log", () => {
    const lines = Array.from({ length: 12 }, (_, index) => `line ${index}`).join("\n");
    const problem = failure("install-failed");
    const state = shown(
      { phase: "building", message: lines, nowMs: 0 },
      { phase: "failed", message: problem.message, failure: problem, nowMs: 4_000 },
    );
    const frame = frameOf(state, { ...FRAME, isEnded: true });
    expect(frame[0]).toMatch(/^✗ building/);
    expect(frame).toHaveLength(13);
  });

  it("a log cannot write over what is above it", () => {
    const state = shown({ phase: "building", message: "\u001b[2A\u001b[2Kowned\n", nowMs: 0 });
    expect(frameOf(state, FRAME).at(-1)).toBe("  │ owned");
  });

  it("steps of our own come as one phase whose words change", () => {
    const state = showStep(showStep(NOTHING_SHOWN, "Installing uv", 0), "Installing Jupyter", 10);
    expect(frameOf(state, FRAME)).toEqual(["⠋ starting     5.0 s  Installing Jupyter"]);
  });

  it("is written over, and gives the cursor back at its end", () => {
    const { lines, terminal } = recorded({ isLive: true });
    const listeners = process.listenerCount("exit");
    let nowMs = 0;
    const progress = createProgress(terminal, () => nowMs);
    progress.event(event({ phase: "launching", message: "Launching server..." }));
    nowMs = 1_500;
    progress.event(event({ phase: "ready", message: "There." }));
    progress.end();
    progress.end();
    const text = lines.join("");
    expect(text).toContain("\u001b[1A");
    const last = "✓ launching    1.5 s  Launching server...\n\u001b[?7h\u001b[?25h";
    expect(text.endsWith(last)).toBe(true);
    expect(process.listenerCount("exit")).toBe(listeners);
  });
});

describe("a launch that is broken off", () => {
  it("is not shown as if it had gone well", () => {
    const { lines, terminal } = recorded({ isLive: true });
    const progress = createProgress(terminal, () => 0);
    progress.event(event({ phase: "launching", message: "Launching server..." }));
    progress.breakOff();
    progress.end();
    expect(lines.join("")).toContain("✗ launching");
    expect(lines.join("")).not.toContain("✓");
  });
});

describe("a launch in a file", () => {
  it("is a line for everything that happened, with the time", () => {
    const { lines, terminal } = recorded({});
    let nowMs = 0;
    const progress = createProgress(terminal, () => nowMs);
    progress.step("Installing uv");
    nowMs = 61_000;
    progress.event(event({ phase: "building", message: "a\n\u001b[31mb\u001b[0m\n" }));
    progress.event(event({ phase: "ready", message: "There." }));
    progress.end();
    expect(lines).toEqual([
      "  0.0 s  Installing uv",
      "   1:01  building   a",
      "   1:01  building   b",
    ]);
  });
});

describe("a launch for a program", () => {
  it("is its events as they came", () => {
    const { lines, terminal } = recorded({ isJson: true });
    const progress = createProgress(terminal, () => 0);
    const said = event({ phase: "queued", message: "m", queue: { position: 2, waitMs: null } });
    progress.event(said);
    expect(lines.map((line) => JSON.parse(line))).toEqual([{ kind: "launch", ...said }]);
  });
});

describe("time that passes", () => {
  it.each([
    [0, "0.0 s"],
    [59_949, "59.9 s"],
    [59_999, "59.9 s"],
    [60_000, "1:00"],
    [754_000, "12:34"],
  ])("%i ms is %s", (durationMs, text) => {
    expect(elapsed(durationMs)).toBe(text);
  });
});
