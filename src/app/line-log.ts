/** The supervisor's own log: the same lines as everyone's, without the library's memory. */
import type { Log } from "#ports/log.ts";
import type { Config } from "./config.ts";

const LEVELS = ["debug", "info", "warn", "error"] as const;
type Level = (typeof LEVELS)[number];

/** The supervisor logs pids and exit codes; nothing it knows is secret. */
export function createLineLog(
  part: string,
  least: Config["logLevel"],
  write: (line: string) => void = (line) => void process.stderr.write(line),
): Log {
  const leastIndex = least === "silent" ? LEVELS.length : LEVELS.indexOf(least);
  const at =
    (level: Level) =>
    (message: string, fields: Record<string, unknown> = {}): void => {
      if (LEVELS.indexOf(level) < leastIndex) return;
      const entry = { level, at: new Date().toISOString(), part, ...fields, message };
      write(`${JSON.stringify(entry, showErrors)}\n`);
    };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

function showErrors(_name: string, value: unknown): unknown {
  if (!(value instanceof Error)) return value;
  return { type: value.name, message: value.message, stack: value.stack };
}
