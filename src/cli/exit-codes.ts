/** With which code a command ends: one table, for scripts, the help and the tests. */
import type { ErrorCode, Failure } from "#core/errors.ts";

export const EXIT_CODES = {
  ok: { code: 0, meaning: "It was done; for `serve`, it was stopped in order." },
  failed: {
    code: 1,
    meaning:
      "The launch, the build or the command failed; for `doctor`, nothing can run here; for `drill`, something that must hold did not.",
  },
  usage: { code: 2, meaning: "The command line, a setting or the repository's address is wrong." },
  unreachable: { code: 3, meaning: "No Bindery answers there." },
  later: { code: 4, meaning: "A limit or a full queue: the same command may succeed later." },
  interrupted: { code: 130, meaning: "It was interrupted (Ctrl-C); the launch was cancelled." },
} as const;

export type ExitName = keyof typeof EXIT_CODES;

const EXITS: Partial<Record<ErrorCode, ExitName>> = {
  "command-invalid": "usage",
  "config-setting-invalid": "usage",
  "repo-spec-invalid": "usage",
  "provider-unknown": "usage",
  "drill-not-found": "usage",
  "drill-invalid": "usage",
  "server-unreachable": "unreachable",
  "server-restarting": "unreachable",
};

/** How a command ends that failed in this way. */
export function exitOf({ code, fault, retriable }: Failure): ExitName {
  return EXITS[code] ?? (fault === "limits" && retriable ? "later" : "failed");
}
