/** A check that stays on in production: a wrong program stops instead of going on. */

/** Throws when `condition` is false. `why` says which belief was wrong; it is not shown to people. */
export function assert(condition: unknown, why: string): asserts condition {
  if (!condition) throw new Error(`assertion failed: ${why}`);
}

/** For the default of an exhaustive switch: the compiler proves that it is never reached. */
export function unreachable(value: never): never {
  throw new Error(`unreachable value: ${JSON.stringify(value)}`);
}
