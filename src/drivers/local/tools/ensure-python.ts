/** Finds the interpreter for a wanted version, and has uv fetch it where this machine lacks it. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { satisfies } from "@renovatebot/pep440";
import { type Failure, failure } from "#core/errors.ts";
import type { Log } from "#ports/log.ts";
import { findPythons, type PythonInterpreter, type SurveyOptions } from "./pythons.ts";
import { runProgram } from "./run-program.ts";

export interface PythonWish extends SurveyOptions {
  /** `3.12`, `3.12.4`, a PEP 440 specifier, or null for whatever is best. */
  readonly wanted: string | null;
  /** Path of uv. */
  readonly uv: string;
  readonly log: Log;
  readonly signal?: AbortSignal;
  readonly onProgress?: (line: string) => void;
}

export type PythonOutcome =
  | { readonly kind: "found"; readonly interpreter: PythonInterpreter }
  | { readonly kind: "unavailable"; readonly failure: Failure };

const INSTALL_TIMEOUT_MS = 3 * 60_000;
/** Which minor versions serve best when a repository does not care: most packages have wheels. */
const PREFERRED_MINORS = [12, 13, 11, 10, 14];

/** What is there is preferred to a download. `python-unavailable` lists what is there. */
export async function ensurePython(wish: PythonWish): Promise<PythonOutcome> {
  const survey = await findPythons(wish);
  const existing = choosePython(survey.interpreters, wish.wanted);
  if (existing !== null) return { kind: "found", interpreter: existing };

  const wanted = wish.wanted ?? "3.12";
  wish.onProgress?.(`Fetching Python ${wanted}`);
  const because = await installPython(wanted, wish);
  const after = await findPythons(wish);
  const fetched = choosePython(after.interpreters, wish.wanted);
  if (fetched !== null) return { kind: "found", interpreter: fetched };

  const there = after.interpreters.map((interpreter) => interpreter.version);
  const list = there.length === 0 ? "none" : there.join(", ");
  return {
    kind: "unavailable",
    failure: failure(
      "python-unavailable",
      `Python ${wanted} is not on this machine and could not be fetched (${because}). ` +
        `What is there: ${list}.`,
      { suggestions: there },
    ),
  };
}

/** The newest that fits; null when none does. */
export function choosePython(
  interpreters: readonly PythonInterpreter[],
  wanted: string | null,
): PythonInterpreter | null {
  if (wanted !== null) {
    return interpreters.find((interpreter) => isWanted(interpreter.version, wanted)) ?? null;
  }
  for (const minor of PREFERRED_MINORS) {
    const found = interpreters.find((one) => one.version.startsWith(`3.${minor}.`));
    if (found !== undefined) return found;
  }
  return interpreters[0] ?? null;
}

/** `3.12` means any 3.12; everything else is what PEP 440 says. */
function isWanted(version: string, wanted: string): boolean {
  const plain = /^\d+(\.\d+)*$/.exec(wanted.trim());
  if (plain !== null) return version === plain[0] || version.startsWith(`${plain[0]}.`);
  return satisfies(version, wanted);
}

/** Returns why it did not work, or "" when it did. */
async function installPython(wanted: string, wish: PythonWish): Promise<string> {
  const directory = join(wish.dataDirectory, "python");
  await mkdir(directory, { recursive: true, mode: 0o755 });
  const outcome = await runProgram(
    [
      wish.uv,
      ...["python", "install", wanted, "--install-dir", directory],
      ...["--no-bin", "--compile-bytecode", "--no-progress", "--color", "never"],
    ],
    {
      env: {
        UV_HTTP_RETRIES: "1",
        ...wish.env,
        UV_CACHE_DIR: join(wish.dataDirectory, "uv-cache"),
      },
      workingDirectory: directory,
      timeoutMs: INSTALL_TIMEOUT_MS,
      ...(wish.signal === undefined ? {} : { signal: wish.signal }),
    },
  );
  switch (outcome.kind) {
    case "exited":
      if (outcome.code === 0) return "what was fetched does not run";
      wish.log.info("python could not be fetched", { wanted, stderr: outcome.stderr });
      return summaryOf(outcome.stderr);
    case "timed-out":
      return `not done within ${INSTALL_TIMEOUT_MS / 60_000} min`;
    case "aborted":
      return "interrupted";
    case "not-started":
      return `uv did not start: ${outcome.because}`;
  }
}

/** The innermost cause says it best; addresses may carry credentials. */
function summaryOf(stderr: string): string {
  const lines = stderr
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  const last = lines.at(-1) ?? "uv failed without a message";
  return last.replace(/^(cause|error): /, "").replaceAll(/\/\/[^/@\s]+@/g, "//");
}
