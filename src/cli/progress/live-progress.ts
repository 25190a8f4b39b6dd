/** Progress on a screen: written over ten times a second, with what moves at the bottom. */
import type { LaunchEvent } from "#core/launch/launch.ts";
import type { Terminal } from "../text/terminal.ts";
import type { Progress } from "./progress.ts";
import { frameOf } from "./frame.ts";
import {
  endCurrent,
  NOTHING_SHOWN,
  type ProgressState,
  showEvent,
  showStep,
} from "./progress-state.ts";

const FRAME_MS = 100;
/** Long lines are cut by the screen instead of wrapped, so that a line is one line. */
const NO_WRAP = "\u001b[?7l";
const WRAP = "\u001b[?7h";
const HIDE_CURSOR = "\u001b[?25l";
const SHOW_CURSOR = "\u001b[?25h";
const CLEAR_BELOW = "\u001b[J";

export class LiveProgress implements Progress {
  readonly #terminal: Terminal;
  readonly #nowMs: () => number;
  #state: ProgressState = NOTHING_SHOWN;
  #drawn = 0;
  #timer: NodeJS.Timeout | null = null;
  #isEnded = false;
  readonly #showCursor = (): void => this.#terminal.draw(SHOW_CURSOR);

  constructor(terminal: Terminal, nowMs: () => number) {
    this.#terminal = terminal;
    this.#nowMs = nowMs;
  }

  step(line: string): void {
    this.#show(showStep(this.#state, line, this.#nowMs()));
  }

  event(event: LaunchEvent): void {
    this.#show(showEvent(this.#state, event, this.#nowMs()));
  }

  end(): void {
    const { hasFailed } = this.#state;
    this.#finish(hasFailed ? this.#state : endCurrent(this.#state, this.#nowMs()));
  }

  breakOff(): void {
    this.#finish({ ...this.#state, hasFailed: true });
  }

  #finish(state: ProgressState): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    if (this.#timer === null) return;
    clearInterval(this.#timer);
    this.#state = state;
    this.#draw();
    this.#showCursor();
    process.removeListener("exit", this.#showCursor);
  }

  #show(state: ProgressState): void {
    if (this.#isEnded) return;
    this.#state = state;
    if (this.#timer !== null) return;
    this.#timer = setInterval(() => this.#draw(), FRAME_MS);
    // Also when the process ends in between, the person gets the cursor back.
    process.once("exit", this.#showCursor);
    this.#draw();
  }

  #draw(): void {
    const { columns, rows, paintNote } = this.#terminal;
    const lines = frameOf(this.#state, {
      nowMs: this.#nowMs(),
      paint: paintNote,
      columns,
      rows,
      isEnded: this.#isEnded,
    });
    const back = this.#drawn === 0 ? "" : `\u001b[${this.#drawn}A`;
    const text = lines.map((line) => `${line}\n`).join("");
    this.#terminal.draw(`${HIDE_CURSOR}${NO_WRAP}\r${back}${CLEAR_BELOW}${text}${WRAP}`);
    this.#drawn = lines.length;
  }
}
