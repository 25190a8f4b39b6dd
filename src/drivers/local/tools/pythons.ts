/** Which Python interpreters this machine has that the sandbox's user can run. */
import { readdir, realpath } from "node:fs/promises";
import { dirname, join } from "node:path";
import { whyUnreachable } from "./reachable.ts";
import { type HostEnvironment, runProgram } from "./run-program.ts";

/** A CPython that can be the base of an environment. */
export interface PythonInterpreter {
  /** Real path of the program. */
  readonly path: string;
  /** Full version, e.g. `3.11.2`. */
  readonly version: string;
  /** Where its standard library is. */
  readonly prefix: string;
  /** Directories outside `/usr` that a sandbox must show, read-only, at the same path. */
  readonly directories: readonly string[];
}

export interface PythonSurvey {
  /** Newest first; one for each version. */
  readonly interpreters: readonly PythonInterpreter[];
  readonly skipped: readonly { readonly path: string; readonly because: string }[];
}

export interface SurveyOptions {
  readonly dataDirectory: string;
  readonly env: HostEnvironment;
  /** The user that runs sandboxes; Bindery's own when it is not root. */
  readonly userId: number;
}

const CANDIDATES_MAX = 100;
const QUESTION_TIMEOUT_MS = 10_000;
const OLDEST_MINOR = 8;
const QUESTION = `
import json, platform, sys, sysconfig
base = getattr(sys, "_base_executable", None) or sys.executable
print(json.dumps({
    "path": base, "version": platform.python_version(), "prefix": sys.base_prefix,
    "isCPython": sys.implementation.name == "cpython",
    "isFreeThreaded": bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
}))`;

/** Asks every interpreter that can be found; about 20 ms for each. Never throws. */
export async function findPythons(options: SurveyOptions): Promise<PythonSurvey> {
  const programs = await realPrograms(await candidates(options));
  const interpreters = new Map<string, PythonInterpreter>();
  const skipped = new Map<string, string>();
  const answers = await Promise.all(programs.map((path) => examine(path, options)));
  for (const answer of answers) {
    if (answer.kind === "skipped") skipped.set(answer.path, answer.because);
    else if (!interpreters.has(answer.interpreter.version)) {
      interpreters.set(answer.interpreter.version, answer.interpreter);
    }
  }
  return {
    interpreters: [...interpreters.values()].sort((a, b) => compareVersions(b.version, a.version)),
    skipped: [...skipped].map(([path, because]) => ({ path, because })),
  };
}

/** Negative when `a` is older. Release versions only. */
export function compareVersions(a: string, b: string): number {
  const numbers = (version: string) => version.split(/[^0-9]+/).map(Number);
  const [left, right] = [numbers(a), numbers(b)];
  for (let index = 0; index < 3; index += 1) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** System directories first: what is in `/usr` needs no extra window in the sandbox. */
async function candidates(options: SurveyOptions): Promise<readonly string[]> {
  const { env } = options;
  const home = env["HOME"] ?? "/nonexistent";
  const managed = [
    join(options.dataDirectory, "python"),
    env["UV_PYTHON_INSTALL_DIR"] ??
      join(env["XDG_DATA_HOME"] ?? join(home, ".local/share"), "uv/python"),
    join(env["PYENV_ROOT"] ?? join(home, ".pyenv"), "versions"),
  ];
  const binDirectories = [
    "/usr/bin",
    "/usr/local/bin",
    ...(env["PATH"] ?? "").split(":").filter((path) => path.startsWith("/")),
  ];
  for (const root of managed) {
    const names = await namesIn(root);
    binDirectories.push(...names.sort().map((name) => join(root, name, "bin")));
  }
  const found: string[] = [];
  for (const directory of new Set(binDirectories)) {
    // The shims of pyenv are scripts that start what is in its `versions`.
    if (directory.endsWith("/shims")) continue;
    const names = await namesIn(directory);
    found.push(
      ...names
        .filter((name) => /^python3(\.\d+)?$/.test(name))
        .map((name) => join(directory, name)),
    );
  }
  return found.slice(0, CANDIDATES_MAX);
}

/** A directory that is absent or closed holds no interpreter for us. */
async function namesIn(directory: string): Promise<string[]> {
  return await readdir(directory).catch(() => []);
}

async function realPrograms(paths: readonly string[]): Promise<readonly string[]> {
  const real = await Promise.all(paths.map((path) => realpath(path).catch(() => null)));
  return [...new Set(real.filter((path) => path !== null))];
}

type Examined =
  | { readonly kind: "usable"; readonly interpreter: PythonInterpreter }
  | { readonly kind: "skipped"; readonly path: string; readonly because: string };

async function examine(program: string, options: SurveyOptions): Promise<Examined> {
  const skip = (because: string): Examined => ({ kind: "skipped", path: program, because });
  const closed = await whyUnreachable(program, options.userId);
  if (closed !== null) return skip(closed);
  const outcome = await runProgram([program, "-I", "-S", "-c", QUESTION], {
    env: { PATH: "/usr/bin:/bin" },
    timeoutMs: QUESTION_TIMEOUT_MS,
  });
  if (outcome.kind !== "exited" || outcome.code !== 0) return skip("it does not run");
  const answer = parseAnswer(outcome.stdout);
  if (answer === null) return skip("its answer is not understood");
  if (!answer.isCPython || answer.isFreeThreaded) return skip("it is not a usual CPython");
  if (!/^3\.\d+\.\d+$/.test(answer.version)) return skip(`${answer.version} is not a release`);
  if (Number(answer.version.split(".")[1]) < OLDEST_MINOR) {
    return skip(`${answer.version} is older than 3.${OLDEST_MINOR}`);
  }
  const path = await realpath(answer.path).catch(() => answer.path);
  const prefix = await realpath(answer.prefix).catch(() => answer.prefix);
  for (const needed of [path, prefix]) {
    const because = await whyUnreachable(needed, options.userId);
    if (because !== null) return skip(because);
  }
  const directories = [...new Set([prefix, dirname(path)])].filter(
    (directory) =>
      !isInside(directory, "/usr") && !(directory !== prefix && isInside(directory, prefix)),
  );
  return { kind: "usable", interpreter: { path, version: answer.version, prefix, directories } };
}

function isInside(path: string, directory: string): boolean {
  return path === directory || path.startsWith(`${directory}/`);
}

interface Answer {
  readonly path: string;
  readonly version: string;
  readonly prefix: string;
  readonly isCPython: boolean;
  readonly isFreeThreaded: boolean;
}

function parseAnswer(stdout: string): Answer | null {
  try {
    return JSON.parse(stdout) as Answer;
  } catch {
    return null;
  }
}
