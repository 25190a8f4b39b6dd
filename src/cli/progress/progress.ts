/** How a command shows what it waits for: on a screen, in a file, or to a program. */
import type { LaunchEvent } from "#core/launch/launch.ts";
import type { Terminal } from "../text/terminal.ts";
import { JsonProgress } from "./json-progress.ts";
import { LineProgress } from "./line-progress.ts";
import { LiveProgress } from "./live-progress.ts";

export interface Progress {
  /** A step of our own, outside any launch: what is installed, who is waited for. */
  step(line: string): void;
  event(event: LaunchEvent): void;
  /** Nothing more comes; what was shown stays. Harmless when repeated. */
  end(): void;
}

/** `nowMs` never goes back. */
export function createProgress(terminal: Terminal, nowMs: () => number): Progress {
  if (terminal.isJson) return new JsonProgress(terminal);
  return terminal.isLive ? new LiveProgress(terminal, nowMs) : new LineProgress(terminal, nowMs);
}
