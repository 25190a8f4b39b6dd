/** The words that a drill's file can use: faults, measures and protections, each with its meaning. */
import { PROTECTIONS } from "#core/protections.ts";
import type { ArgumentSpecs } from "#sim/drill/argument.ts";
import { COMMON } from "#sim/drill/common-criteria.ts";
import { quantityText } from "#sim/drill/judged-text.ts";
import { MEASURES } from "#sim/drill/measures.ts";
import { wantedOf } from "#sim/drill/reader.ts";
import { FAULT_VERBS } from "#sim/faults/verbs.ts";

export interface DrillWord {
  readonly name: string;
  readonly meaning: string;
  readonly arguments: readonly DrillArgument[];
}

export interface DrillArgument {
  readonly name: string;
  /** What is expected, and the default when there is one. */
  readonly meaning: string;
}

export function faultWords(): readonly DrillWord[] {
  return Object.entries(FAULT_VERBS).map(([name, { meaning, arguments: specs }]) => ({
    name,
    meaning,
    arguments: argumentsOf(specs),
  }));
}

export function measureWords(): readonly DrillWord[] {
  return Object.entries(MEASURES).map(([name, { meaning, unit, arguments: specs }]) => ({
    name,
    meaning: `${meaning} (${unit})`,
    arguments: argumentsOf(specs),
  }));
}

export function protectionWords(): readonly DrillWord[] {
  return Object.entries(PROTECTIONS).map(([name, { meaning }]) => ({
    name,
    meaning,
    arguments: [],
  }));
}

export function commonWords(): readonly DrillWord[] {
  return Object.entries(COMMON).map(([name, { meaning }]) => ({ name, meaning, arguments: [] }));
}

function argumentsOf(specs: ArgumentSpecs): readonly DrillArgument[] {
  return Object.entries(specs).map(([name, { type, meaning, default: standard, isOptional }]) => {
    const without = isOptional === true ? "; may be left out" : "";
    const value = standard === undefined ? without : `; without it ${standardText(standard, type)}`;
    return { name, meaning: `${meaning} ${capitalised(wantedOf(type))}${value}.` };
  });
}

function standardText(
  standard: NonNullable<ArgumentSpecs[string]["default"]>,
  type: ArgumentSpecs[string]["type"],
): string {
  if (typeof standard === "number") {
    if (type === "duration" || type === "share" || type === "size")
      return quantityText(standard, type);
    return type === "rate" ? `${standard}/h` : String(standard);
  }
  if (typeof standard === "object") return standard.length === 0 ? "none" : standard.join(", ");
  return String(standard);
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
