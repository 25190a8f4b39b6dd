/** Progress where nothing can be written over: a line for each thing that happened. */
import type { LaunchEvent } from "#core/launch/launch.ts";
import { safeLine } from "../text/safe-text.ts";
import type { Terminal } from "../text/terminal.ts";
import { elapsed } from "./elapsed.ts";
import type { Progress } from "./progress.ts";

const PHASE_WIDTH = 10;

export class LineProgress implements Progress {
  readonly #terminal: Terminal;
  readonly #nowMs: () => number;
  readonly #startMs: number;

  constructor(terminal: Terminal, nowMs: () => number) {
    this.#terminal = terminal;
    this.#nowMs = nowMs;
    this.#startMs = nowMs();
  }

  step(line: string): void {
    this.#write("", line);
  }

  event({ phase, message }: LaunchEvent): void {
    // The end is said by the command itself: an address or a failure.
    if (phase === "ready" || phase === "failed") return;
    for (const line of message.replace(/\n+$/, "").split("\n")) this.#write(phase, line);
  }

  end(): void {
    // Every line was whole when it was written.
  }

  breakOff(): void {
    // The last line tells what it was in the middle of.
  }

  #write(phase: string, line: string): void {
    const time = elapsed(this.#nowMs() - this.#startMs).padStart(7);
    const name = phase === "" ? "" : `${phase.padEnd(PHASE_WIDTH)} `;
    this.#terminal.note(`${time}  ${name}${safeLine(line, { colours: false })}`.trimEnd());
  }
}
