/** Chooses how progress is shown, by where it goes. */
import type { Terminal } from "../text/terminal.ts";
import { JsonProgress } from "./json-progress.ts";
import { LineProgress } from "./line-progress.ts";
import { LiveProgress } from "./live-progress.ts";
import type { Progress } from "./progress.ts";

/** `nowMs` never goes back. */
export function createProgress(terminal: Terminal, nowMs: () => number): Progress {
  if (terminal.isJson) return new JsonProgress(terminal);
  return terminal.isLive ? new LiveProgress(terminal, nowMs) : new LineProgress(terminal, nowMs);
}
