/** Reads the parts of a drill's file and collects what is wrong with them. */
import { closest } from "#base/closest.ts";
import type {
  ArgumentSpec,
  ArgumentSpecs,
  ArgumentType,
  ArgumentValue,
  ArgumentValues,
} from "./argument.ts";
import type { Distribution } from "./drill.ts";
import type { DrillPath } from "./drill-source.ts";
import {
  parseDistribution,
  parseDuration,
  parseRate,
  parseShare,
  parseSize,
} from "./quantities.ts";

const DURATION = "a duration such as 90s, 45m or 15h30m";
const SIZE = "a size such as 512MiB or 4GiB";
const SHARE = "a share such as 60%";

export class Reader {
  readonly #complain: (path: DrillPath, message: string) => void;

  constructor(complain: (path: DrillPath, message: string) => void) {
    this.#complain = complain;
  }

  complain(path: DrillPath, message: string): void {
    this.#complain(path, message);
  }

  /** The value is wrong; `instead` is what it should have been. Gives the stand-in back. */
  wrong<T>(path: DrillPath, instead: string, value: unknown, standIn: T): T {
    this.#complain(path, `${nameOf(path)} should be ${instead}, not ${shown(value)}.`);
    return standIn;
  }

  unknown(path: DrillPath, what: string, word: string, known: readonly string[]): void {
    const meant = closest(word, known);
    const hint = meant === null ? "" : ` Did you mean ${meant}?`;
    this.#complain(path, `${what} "${word}" is not known.${hint}`);
  }

  duration(path: DrillPath, text: string | undefined, standIn: number): number {
    return text === undefined
      ? standIn
      : (parseDuration(text) ?? this.wrong(path, DURATION, text, standIn));
  }

  size(path: DrillPath, text: string | undefined, standIn: number): number {
    return text === undefined
      ? standIn
      : (parseSize(text) ?? this.wrong(path, SIZE, text, standIn));
  }

  rate(path: DrillPath, text: string | undefined, standIn: number): number {
    return text === undefined
      ? standIn
      : (parseRate(text) ?? this.wrong(path, "a rate such as 20/h", text, standIn));
  }

  distribution<T extends Distribution | null>(
    path: DrillPath,
    text: string | undefined,
    standIn: T,
  ): Distribution | T {
    if (text === undefined) return standIn;
    const instead = "exp(MEAN), uniform(FROM,TO) or a duration, such as exp(45m)";
    return parseDistribution(text) ?? this.wrong(path, instead, text, standIn);
  }

  /** The arguments of a fault or a measure, with their defaults. */
  arguments(
    path: DrillPath,
    owner: string,
    specs: ArgumentSpecs,
    given: Readonly<Record<string, unknown>>,
  ): ArgumentValues {
    for (const name of Object.keys(given)) {
      if (specs[name] === undefined)
        this.unknown([...path, name], `${owner}: the argument`, name, Object.keys(specs));
    }
    const values: Record<string, ArgumentValue> = {};
    for (const [name, spec] of Object.entries(specs)) {
      const value = this.#argument([...path, name], owner, spec, given[name]);
      if (value !== null) values[name] = value;
    }
    return values;
  }

  #argument(
    path: DrillPath,
    owner: string,
    spec: ArgumentSpec,
    given: unknown,
  ): ArgumentValue | null {
    if (given === undefined) {
      if (spec.default !== undefined) return spec.default;
      if (spec.isOptional !== true)
        this.#complain(
          path,
          `${owner} needs the argument ${nameOf(path.slice(-1))}: ${spec.meaning}`,
        );
      return null;
    }
    const { type } = spec;
    const value = quantityOf(type, given);
    return value ?? this.wrong(path, wantedOf(type), given, null);
  }
}

/** What is expected of an argument of this type, in words. */
export function wantedOf(type: ArgumentType): string {
  switch (type) {
    case "duration":
      return DURATION;
    case "size":
      return SIZE;
    case "share":
      return SHARE;
    case "rate":
      return "a rate such as 20/h, 5/min or 0.5/s";
    case "count":
      return "a number";
    case "flag":
      return "true or false";
    case "text":
      return "a text";
    case "list":
      return "a list of words";
    default:
      return `one of ${type.join(", ")}`;
  }
}

function quantityOf(type: ArgumentType, given: unknown): ArgumentValue | null {
  if (type === "flag") return typeof given === "boolean" ? given : null;
  if (type === "count") return typeof given === "number" && given >= 0 ? given : null;
  if (type === "list") return isWords(given) ? given : null;
  if (typeof given !== "string") return null;
  switch (type) {
    case "duration":
      return parseDuration(given);
    case "size":
      return parseSize(given);
    case "share":
      return parseShare(given);
    case "rate":
      return parseRate(given);
    case "text":
      return given;
    default:
      return type.includes(given) ? given : null;
  }
}

function isWords(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

/** `must[2].measure`. */
export function nameOf(path: DrillPath): string {
  return path
    .map((part, index) =>
      typeof part === "number" ? `[${part + 1}]` : index === 0 ? part : `.${part}`,
    )
    .join("");
}

export function shown(value: unknown): string {
  return JSON.stringify(value) ?? "nothing";
}
