/** Which command is meant by the words of a command line. */
import type { Command } from "../command.ts";
import { closest } from "#base/closest.ts";
import { invalid } from "./parse-arguments.ts";

export interface FoundCommand {
  /** With the flags of the command line before its name put behind it. */
  readonly command: Command;
  readonly words: readonly string[];
}

const ALIASES: Readonly<Record<string, string>> = {
  "--help": "help",
  "-h": "help",
  "--version": "version",
  "-V": "version",
  env: "environments",
  envs: "environments",
  environment: "environments",
};

/** Flags may stand before the command: `bindery --json ps`. Errors: command-invalid. */
export function findCommand(commands: readonly Command[], words: readonly string[]): FoundCommand {
  const at = words.findIndex((word, index) => isName(words, word, index));
  const name = words[at];
  if (name === undefined) {
    const helpful = words.find((word) => ALIASES[word] !== undefined);
    return { command: named(commands, helpful ?? "help"), words: [] };
  }
  const rest = [...words.slice(0, at), ...words.slice(at + 1)];
  return withSubcommand({ command: named(commands, name), words: rest });
}

function isName(words: readonly string[], word: string, index: number): boolean {
  const before = words[index - 1] ?? "";
  const isValue = ["--data-dir", "--config", "--server"].includes(before);
  return !word.startsWith("-") && !isValue;
}

function named(commands: readonly Command[], word: string): Command {
  const name = ALIASES[word] ?? word;
  const found = commands.find((command) => command.name === name);
  if (found !== undefined) return found;
  const names = commands.map((command) => command.name);
  if (/[/:.~]/.test(word))
    throw invalid(`"${word}" is no command. Did you mean \`bindery open ${word}\`?`);
  const meant = closest(word, names);
  const hint = meant === null ? "" : ` Did you mean \`bindery ${meant}\`?`;
  throw invalid(`"${word}" is no command.${hint}`);
}

function withSubcommand({ command, words }: FoundCommand): FoundCommand {
  const { subcommands } = command;
  if (subcommands === undefined) return { command, words };
  const at = words.findIndex((word, index) => isName(words, word, index));
  const name = words[at];
  if (name === undefined) return { command: { ...command, operands: [] }, words };
  const found = subcommands.find((each) => each.name === name);
  if (found === undefined) {
    const names = subcommands.map((each) => each.name);
    const meant = closest(name, names);
    const hint = meant === null ? ` It has ${names.join(", ")}.` : ` Did you mean ${meant}?`;
    throw invalid(`\`bindery ${command.name}\` has no command "${name}".${hint}`);
  }
  return {
    command: { ...found, name: `${command.name} ${found.name}` },
    words: [...words.slice(0, at), ...words.slice(at + 1)],
  };
}
