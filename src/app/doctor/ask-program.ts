/** Asks a program one question. */
import { runProgram } from "#drivers/local/tools/run-program.ts";
import type { Environment } from "../config.ts";

const TIMEOUT_MS = 10_000;

export type ProgramAnswer =
  | { readonly kind: "said"; readonly text: string }
  | { readonly kind: "failed"; readonly because: string }
  | { readonly kind: "absent" };

/** What it says on standard output, trimmed. Never throws. */
export async function askProgram(
  argv: readonly [string, ...string[]],
  environment: Environment,
): Promise<ProgramAnswer> {
  const outcome = await runProgram(argv, { env: environment, timeoutMs: TIMEOUT_MS });
  switch (outcome.kind) {
    case "exited":
      return outcome.code === 0
        ? { kind: "said", text: outcome.stdout.trim() }
        : { kind: "failed", because: outcome.stderr.trim() || `exit code ${outcome.code}` };
    case "timed-out":
    case "aborted":
      return { kind: "failed", because: `no answer within ${TIMEOUT_MS / 1_000} s` };
    case "not-started":
      return { kind: "absent" };
  }
}
