/** What the words of a drill take: typed arguments of faults and of measures. */

/** `share` is written `60%` and read as 0.6; `rate` is written `5/min` and read per hour; `list` is of words. */
export type ArgumentType =
  | "duration"
  | "size"
  | "share"
  | "rate"
  | "count"
  | "flag"
  | "text"
  | "list"
  | readonly string[];

export interface ArgumentSpec {
  readonly type: ArgumentType;
  readonly meaning: string;
  /** Without one, and without `isOptional`, the argument must be given. */
  readonly default?: ArgumentValue;
  readonly isOptional?: boolean;
}

/** Durations in ms, sizes in bytes, shares from 0 to 1, rates per hour. */
export type ArgumentValue = string | number | boolean | readonly string[];
export type ArgumentValues = Readonly<Record<string, ArgumentValue>>;
export type ArgumentSpecs = Readonly<Record<string, ArgumentSpec>>;
