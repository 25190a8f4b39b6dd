/** Small repositories of our own, as data: what is planned for each, and what holds inside its session. */
import { LANGUAGES } from "./corpus-languages.ts";
import { LOCKS } from "./corpus-locks.ts";
import { PYTHON } from "./corpus-python.ts";
import { SYSTEM } from "./corpus-system.ts";

export interface Sample {
  readonly name: string;
  /** A file's text by its path; one that begins with `#!` is executable. */
  readonly files: Readonly<Record<string, string>>;
  /** Words of the plan that must be there; see `wordsOf`. */
  readonly plans?: readonly string[];
  /** Words of the plan that must not be there. */
  readonly plansNot?: readonly string[];
  readonly engine?: "local" | "container";
  /** Code of the failure and a part of its message, where there is no plan. */
  readonly refused?: readonly [code: string, part: string];
  /** Python expression in a kernel of the session → its text. Such samples are launched for real. */
  readonly inside?: Readonly<Record<string, string>>;
}

export const CORPUS: readonly Sample[] = [...PYTHON, ...LOCKS, ...SYSTEM, ...LANGUAGES];
