/** Reads the words of a command line by the command's own table; says what is wrong and what was meant. */
import { parseArgs } from "node:util";
import { AppError } from "#core/errors.ts";
import type { Command, Flag, GivenFlags, Operand } from "../command.ts";
import { closest } from "#base/closest.ts";

export interface ParsedArguments {
  readonly operands: readonly string[];
  readonly flags: GivenFlags;
}

/** Errors: command-invalid. */
export function parseArguments(command: Command, words: readonly string[]): ParsedArguments {
  const byName = new Map(command.flags.map((flag) => [flag.name, flag]));
  const { tokens } = parseArgs({
    args: [...words],
    options: parseArgsOptions(command.flags),
    strict: false,
    tokens: true,
    allowPositionals: true,
  });
  const values = new Map<string, string[]>();
  const operands: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") operands.push(token.value);
    if (token.kind !== "option") continue;
    const flag = byName.get(token.name);
    if (flag === undefined) return refuseFlag(command, token.rawName);
    const value = valueOf(flag, token);
    values.set(flag.name, flag.isMany ? [...(values.get(flag.name) ?? []), value] : [value]);
  }
  checkOperands(command, operands);
  return { operands, flags: givenFlags(values) };
}

export function givenFlags(values: ReadonlyMap<string, readonly string[]>): GivenFlags {
  return {
    has: (name) => values.has(name),
    text: (name) => values.get(name)?.at(-1) ?? null,
    texts: (name) => values.get(name) ?? [],
  };
}

function parseArgsOptions(flags: readonly Flag[]) {
  return Object.fromEntries(
    flags.map((flag) => {
      const type = flag.value === null ? ("boolean" as const) : ("string" as const);
      return [flag.name, flag.short === undefined ? { type } : { type, short: flag.short }];
    }),
  );
}

function valueOf(
  flag: Flag,
  token: { readonly value?: string | undefined; readonly inlineValue?: boolean | undefined },
): string {
  const name = `--${flag.name}`;
  if (flag.value === null) {
    if (token.value !== undefined) throw invalid(`${name} takes no value.`);
    return "";
  }
  // `--path --json` forgot the value; `--path=--json` means it.
  const isForgotten = token.value === undefined || (!token.inlineValue && /^-./.test(token.value));
  if (isForgotten) throw invalid(`${name} needs a value: ${name} ${flag.value}.`);
  return token.value ?? "";
}

function refuseFlag(command: Command, rawName: string): never {
  const meant = closest(
    rawName,
    command.flags.map((flag) => `--${flag.name}`),
  );
  const hint = meant === null ? "" : ` Did you mean ${meant}?`;
  throw invalid(`\`bindery ${command.name}\` has no flag ${rawName}.${hint}`);
}

function checkOperands(command: Command, operands: readonly string[]): void {
  const missing = command.operands[operands.length];
  if (missing?.isRequired) {
    throw invalid(`${missing.name} is missing: bindery ${usageOf(command)}.`);
  }
  const takesMore = command.operands.at(-1)?.isMany === true;
  const extra = operands[command.operands.length];
  if (extra !== undefined && !takesMore) {
    throw invalid(`"${extra}" is too much: bindery ${usageOf(command)}.`);
  }
}

/** `open REPO`, `stop [SESSION …]`. */
export function usageOf({ name, operands }: Command): string {
  return [name, ...operands.map(shownOperand)].join(" ");
}

function shownOperand({ name, isRequired, isMany }: Operand): string {
  const shown = isMany ? `${name} …` : name;
  return isRequired ? shown : `[${shown}]`;
}

export function invalid(message: string): AppError {
  return new AppError("command-invalid", message);
}
