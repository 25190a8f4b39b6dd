/** The log of one build: nothing secret, bounded, told live and kept at the end. */
import { writeFile } from "node:fs/promises";
import type { BuildEvent } from "#core/build/build.ts";

export interface BuildLog {
  /** One line for people. */
  say(line: string): void;
  /** Makes what a person may see of a text. */
  redact(text: string): string;
  /** Writes the kept end to the file. */
  keep(path: string): Promise<void>;
}

const LINE_CHARACTERS_MAX = 16_384;
/** Lines that are forgotten stay in the array until they are this many: it is moved seldom. */
const FORGOTTEN_LINES_MAX = 10_000;

export function createBuildLog(options: {
  readonly bytesMax: number;
  readonly secrets: readonly string[];
  readonly onEvent: (event: BuildEvent) => void;
}): BuildLog {
  const { bytesMax, secrets, onEvent } = options;
  const lines: string[] = [];
  let bytes = 0;
  let first = 0;
  let wasCut = false;

  function redact(text: string): string {
    let clean = text.replace(/([a-z][a-z0-9+.-]*:\/\/)[^/\s@'"]*@/gi, "$1");
    for (const secret of secrets) clean = clean.replaceAll(secret, "…");
    return clean;
  }

  function say(line: string): void {
    const clean = redact(line).slice(0, LINE_CHARACTERS_MAX);
    lines.push(clean);
    bytes += clean.length + 1;
    for (; bytes > bytesMax && first < lines.length - 1; first += 1) {
      bytes -= (lines[first] ?? "").length + 1;
      wasCut = true;
    }
    if (first > FORGOTTEN_LINES_MAX) {
      lines.splice(0, first);
      first = 0;
    }
    onEvent({ phase: "building", line: clean });
  }

  async function keep(path: string): Promise<void> {
    const head = wasCut ? ["[the beginning of this log was cut]"] : [];
    await writeFile(path, `${[...head, ...lines.slice(first)].join("\n")}\n`);
  }

  return { say, redact, keep };
}
