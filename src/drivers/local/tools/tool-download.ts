/** Gets a pinned wheel, by whatever this machine has: pip, a uv that is there already, or HTTP. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { configuredIndexes } from "./index-configuration.ts";
import { type HostEnvironment, runProgram } from "./run-program.ts";
import { type Architecture, type PinnedTool, requirementsOf } from "./tool-versions.ts";
import { installWheel } from "./wheel.ts";

/** One way to get a wheel installed into an empty directory. */
export interface DownloadWay {
  readonly name: "pip" | "uv" | "http";
  /** What runs, for people. */
  readonly what: string;
  install(job: DownloadJob): Promise<DownloadOutcome>;
}

export interface DownloadJob {
  readonly tool: PinnedTool;
  readonly architecture: Architecture;
  /** Exists and is empty; holds the wheel's content afterwards. */
  readonly directory: string;
  readonly signal: AbortSignal | undefined;
}

export type DownloadOutcome =
  | { readonly kind: "installed" }
  /** The way cannot be gone here at all: another may. */
  | { readonly kind: "unavailable" }
  | { readonly kind: "failed"; readonly because: string };

const DOWNLOAD_TIMEOUT_MS = 5 * 60_000;

/**
 * In the order in which they are tried. pip and uv read the host's own configuration (index, proxy,
 * certificates, credentials) themselves; HTTP knows the usual variables and files.
 */
export function downloadWays(env: HostEnvironment): readonly DownloadWay[] {
  return [
    ...["python3", "/usr/bin/python3"].map((python) => pipWay(python, env)),
    uvWay(env),
    httpWay(env),
  ];
}

function pipWay(python: string, env: HostEnvironment): DownloadWay {
  const argv = ["-m", "pip", "install", "--no-deps", "--no-compile", "--no-input"];
  return {
    name: "pip",
    what: `${python} -m pip`,
    install: (job) =>
      installByProgram(
        job,
        (requirements) => [python, ...argv, ...commonFlags(job, requirements)],
        {
          ...env,
          PIP_DISABLE_PIP_VERSION_CHECK: "1",
          PIP_ROOT_USER_ACTION: "ignore",
          PIP_USER: "0",
          PIP_REQUIRE_VIRTUALENV: "0",
        },
      ),
  };
}

function uvWay(env: HostEnvironment): DownloadWay {
  return {
    name: "uv",
    what: "uv pip",
    install: (job) =>
      installByProgram(
        job,
        (requirements) => ["uv", "pip", "install", "--no-deps", ...commonFlags(job, requirements)],
        env,
      ),
  };
}

function commonFlags(job: DownloadJob, requirements: string): readonly string[] {
  const where = ["--target", job.directory, "-r", requirements];
  return ["--only-binary", ":all:", "--require-hashes", ...where];
}

async function installByProgram(
  job: DownloadJob,
  argvFor: (requirementsPath: string) => readonly string[],
  env: HostEnvironment,
): Promise<DownloadOutcome> {
  const requirements = `${job.directory}.txt`;
  await writeFile(requirements, requirementsOf(job.tool, job.architecture));
  const [program, ...args] = argvFor(requirements);
  if (program === undefined) return { kind: "unavailable" };
  const outcome = await runProgram([program, ...args], {
    env,
    workingDirectory: job.directory,
    timeoutMs: DOWNLOAD_TIMEOUT_MS,
    ...(job.signal === undefined ? {} : { signal: job.signal }),
  });
  switch (outcome.kind) {
    case "exited":
      if (outcome.code === 0) return { kind: "installed" };
      if (/No module named '?pip/.test(outcome.stderr)) return { kind: "unavailable" };
      return { kind: "failed", because: lastErrorLine(outcome.stderr) };
    case "not-started":
      return { kind: "unavailable" };
    case "timed-out":
      return { kind: "failed", because: `no answer within ${DOWNLOAD_TIMEOUT_MS / 60_000} min` };
    case "aborted":
      return { kind: "failed", because: "interrupted" };
  }
}

function httpWay(env: HostEnvironment): DownloadWay {
  return {
    name: "http",
    what: "HTTP",
    install: async (job) => {
      const indexes = await configuredIndexes(env);
      if (indexes.length === 0) return { kind: "unavailable" };
      const wheel = job.tool.wheels[job.architecture];
      // Its HTTP client weighs 20 MB in memory, and this way is needed at most once.
      const { downloadFromIndex } = await import("./simple-index.ts");
      const download = await downloadFromIndex({
        indexes,
        distribution: job.tool.distribution,
        file: wheel.file,
        sha256: wheel.sha256,
        env,
        timeoutMs: DOWNLOAD_TIMEOUT_MS,
        signal: job.signal,
      });
      if (download.kind === "failed") return download;
      await mkdir(join(job.directory, "bin"), { recursive: true });
      await installWheel(download.bytes, job.directory);
      return { kind: "installed" };
    },
  };
}

/** The line that says what went wrong, without credentials that an index address may carry. */
function lastErrorLine(stderr: string): string {
  const lines = stderr.split("\n").map((line) => line.trim());
  const errors = lines.filter((line) => /^(ERROR|error|×|╰|cause)/.test(line));
  const line = errors.at(-1) ?? lines.findLast((candidate) => candidate !== "") ?? "no message";
  return line.replaceAll(/\/\/[^/@\s]+@/g, "//");
}
