/** Progress for programs: every event as a line of JSON. */
import type { LaunchEvent } from "#core/launch/launch.ts";
import type { Terminal } from "../text/terminal.ts";
import type { Progress } from "./progress.ts";

export class JsonProgress implements Progress {
  readonly #terminal: Terminal;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  step(line: string): void {
    this.#terminal.json({ kind: "progress", message: line });
  }

  event(event: LaunchEvent): void {
    this.#terminal.json({ kind: "launch", ...event });
  }

  end(): void {
    // Every line was whole when it was written.
  }

  breakOff(): void {
    // The last line tells what it was in the middle of.
  }
}
