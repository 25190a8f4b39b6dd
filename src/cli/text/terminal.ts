/** Where a command writes: results for scripts on one stream, what is meant for people on the other. */
import type { Environment } from "#app/config.ts";
import { paint, type Paint } from "./paint.ts";

/** The part of a stream that is used here; tests give their own. */
export interface Output {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): unknown;
}

export interface Terminal {
  /** Results are JSON documents, and nothing else is said on standard output. */
  readonly isJson: boolean;
  /** Standard error is a screen that can be written over. */
  readonly isLive: boolean;
  readonly isOutScreen: boolean;
  readonly paintOut: Paint;
  readonly paintNote: Paint;
  readonly columns: number;
  readonly rows: number;
  /** A line of the result. */
  out(line: string): void;
  /** The result, or one element of it, as a line of JSON. */
  json(value: unknown): void;
  /** A line for the person; not with `--json`. */
  note(line: string): void;
  /** Bytes for the screen, as they are. */
  draw(text: string): void;
}

const COLUMNS_DEFAULT = 80;
const ROWS_DEFAULT = 24;

export function createTerminal(options: {
  readonly out: Output;
  readonly error: Output;
  readonly environment: Environment;
  readonly isJson: boolean;
}): Terminal {
  const { out, error, environment, isJson } = options;
  const isDumb = environment["TERM"] === "dumb";
  const hasColours = (stream: Output): boolean => {
    if (environment["NO_COLOR"]) return false;
    if (environment["FORCE_COLOR"]) return environment["FORCE_COLOR"] !== "0";
    return stream.isTTY === true && !isDumb;
  };
  return {
    isJson,
    isLive: !isJson && error.isTTY === true && !isDumb,
    isOutScreen: out.isTTY === true,
    paintOut: paint(!isJson && hasColours(out)),
    paintNote: paint(!isJson && hasColours(error)),
    // Screens without a size say 0.
    get columns() {
      return error.columns || COLUMNS_DEFAULT;
    },
    get rows() {
      return error.rows || ROWS_DEFAULT;
    },
    out: (line) => void out.write(`${line}\n`),
    json: (value) => void out.write(`${JSON.stringify(value)}\n`),
    note: (line) => {
      if (!isJson) error.write(`${line}\n`);
    },
    draw: (text) => void error.write(text),
  };
}
