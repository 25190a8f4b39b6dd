/** A failure that the API answered with, or that it could not be reached, as something to throw. */
import type { Failure } from "#core/errors.ts";

export class FailureError extends Error {
  readonly failure: Failure;

  constructor(failure: Failure, options?: { cause?: unknown }) {
    super(failure.message, options);
    this.name = "FailureError";
    this.failure = failure;
  }
}

/** Says nothing about why: a server that is being started anew is unreachable for a moment. */
export function unreachable(baseUrl: string, cause: unknown): FailureError {
  const failure = {
    code: "server-unreachable",
    fault: "person",
    message: `No Bindery answers at ${baseUrl}.`,
    next: "Start one: `bindery serve`.",
    retriable: true,
  } as const;
  return new FailureError(failure, { cause });
}
