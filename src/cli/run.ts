/** Runs one command line: finds the command, reads its words, and turns what goes wrong into an exit. */
import type { Environment } from "#app/config.ts";
import { FailureError } from "#client/failure-error.ts";
import { type Failure, failureOf } from "#core/errors.ts";
import { findCommand } from "./arguments/find-command.ts";
import { parseArguments } from "./arguments/parse-arguments.ts";
import { COMMANDS } from "./command-table.ts";
import { EXIT_CODES, exitOf, type ExitName } from "./exit-codes.ts";
import { showFailure } from "./text/show-failure.ts";
import { createTerminal, type Output, type Terminal } from "./text/terminal.ts";

export interface World {
  readonly out: Output;
  readonly error: Output;
  readonly environment: Environment;
  readonly workingDirectory: string;
  /** The file that was started: what becomes a child of ours is started from it, too. */
  readonly program: string;
}

/** The code with which the process should end. Never throws. */
export async function runCommandLine(words: readonly string[], world: World): Promise<number> {
  const isJson = words.includes("--json");
  const terminal = createTerminal({ ...world, isJson });
  return EXIT_CODES[await runWords(words, terminal, world)].code;
}

async function runWords(
  words: readonly string[],
  terminal: Terminal,
  world: World,
): Promise<ExitName> {
  try {
    const found = findCommand(COMMANDS, words);
    if (asksForHelp(found.words)) {
      const { explain } = await import("./commands/help.ts");
      return explain(found.command, terminal);
    }
    const { operands, flags } = parseArguments(found.command, found.words);
    const run = await found.command.load();
    return await run({
      ...world,
      command: found.command,
      commands: COMMANDS,
      operands,
      flags,
      terminal,
    });
  } catch (thrown) {
    const failure = failureOfThrown(thrown);
    // Only a bug of ours has no failure of its own; then where it is helps those who report it.
    if (failure.code === "internal" && thrown instanceof Error) {
      terminal.note(terminal.paintNote.dim(thrown.stack ?? thrown.message));
    }
    showFailure(failure, terminal);
    return exitOf(failure);
  }
}

/** What the server said is as good as what we know ourselves. */
function failureOfThrown(thrown: unknown): Failure {
  return thrown instanceof FailureError ? thrown.failure : failureOf(thrown);
}

function asksForHelp(words: readonly string[]): boolean {
  const end = words.indexOf("--");
  const flags = end === -1 ? words : words.slice(0, end);
  return flags.includes("--help") || flags.includes("-h");
}
