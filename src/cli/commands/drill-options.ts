/** The flags of `bindery drill` that several of its ways read. */
import { protectionNames } from "#app/simulated.ts";
import { closest } from "#base/closest.ts";
import { AppError } from "#core/errors.ts";
import type { GivenFlags } from "../command.ts";

export function withoutOf(flags: GivenFlags): readonly string[] {
  const given = flags
    .texts("without")
    .flatMap((text) => text.split(","))
    .filter((name) => name !== "");
  const known = protectionNames();
  if (given.includes("all")) return known;
  for (const name of given) {
    if (known.includes(name)) continue;
    const meant = closest(name, known);
    throw wrong(
      `There is no protection "${name}".${meant === null ? "" : ` Did you mean ${meant}?`} See \`bindery drill --policies\`.`,
    );
  }
  return given;
}

const SEEDS_MAX = 100_000;

/** `--seed 7`, `--seeds 1..20`; without either, seed 1. */
export function seedsOf(flags: GivenFlags): readonly number[] {
  const range = flags.text("seeds");
  const single = flags.text("seed");
  if (range !== null && single !== null) throw wrong("Give --seed or --seeds.");
  if (range === null) return [numberOf(single ?? "1", "--seed")];
  const match = /^(\d+)\.\.(\d+)$/.exec(range);
  const from = Number(match?.[1]);
  const to = Number(match?.[2]);
  if (match === null || to < from || to - from >= SEEDS_MAX)
    throw wrong(`--seeds should be a range such as 1..20, not "${range}".`);
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

export function numberOf(text: string, flag: string): number {
  if (!/^\d{1,15}$/.test(text)) throw wrong(`${flag} should be a whole number, not "${text}".`);
  return Number(text);
}

export function wrong(message: string): AppError {
  return new AppError("command-invalid", message);
}
