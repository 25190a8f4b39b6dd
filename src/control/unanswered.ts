/** Tells a question that nobody answered from a fault of the program. */

/** Of system errors. */
const CODES: ReadonlySet<unknown> = new Set(["ECONNREFUSED", "ECONNRESET", "ETIMEDOUT"]);

export function isUnanswered(error: unknown): boolean {
  return error instanceof Error && "code" in error && CODES.has(error.code);
}
