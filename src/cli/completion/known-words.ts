/** The command table as the completions need it: flat, and safe in a shell's quotes. */
import type { Command, Completion, Flag } from "../command.ts";

export interface KnownCommand {
  /** `environments ls` has two words. */
  readonly path: readonly string[];
  readonly summary: string;
  readonly flags: readonly Flag[];
  /** What the shell offers for each operand, the last of them repeated when `isMany`. */
  readonly operands: readonly (Completion | null)[];
  readonly isMany: boolean;
}

/** Rare flags are left out: `bindery help settings` lists them. */
export function knownCommands(commands: readonly Command[]): readonly KnownCommand[] {
  return commands.flatMap((command) => [
    known(command, []),
    ...(command.subcommands ?? []).map((each) => known(each, [command.name])),
  ]);
}

function known(command: Command, above: readonly string[]): KnownCommand {
  const { name, summary, flags, operands, subcommands } = command;
  const inner = subcommands?.map((each) => each.name);
  return {
    path: [...above, name],
    summary,
    flags: flags.filter((flag) => flag.isRare !== true),
    operands: inner === undefined ? operands.map((each) => each.completion ?? null) : [inner],
    isMany: operands.at(-1)?.isMany === true,
  };
}

/** Every flag that takes a value: the word after it is no command. */
export function flagsWithValue(commands: readonly KnownCommand[]): readonly string[] {
  const words = commands.flatMap(({ flags }) =>
    flags.filter(({ value }) => value !== null).flatMap(flagWords),
  );
  return [...new Set(words)];
}

/** `--port`, and `-p` where there is one. */
export function flagWords({ name, short }: Flag): readonly string[] {
  return short === undefined ? [`--${name}`] : [`--${name}`, `-${short}`];
}

/** The commands whose output a completion offers. */
export const ASKED = {
  sessions: "bindery ps --quiet",
  environments: "bindery environments ls --quiet",
  nodes: "bindery nodes --quiet",
  incidents: "bindery incidents --quiet",
} as const;

/** In single quotes, for every shell that we know. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
