/** Makes the environment of the shared Jupyter server: exact, byte-compiled, once per machine. */
import { createHash } from "node:crypto";
import { chmod, copyFile, mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "#core/errors.ts";
import type { Log } from "#ports/log.ts";
import type { PythonInterpreter } from "../tools/pythons.ts";
import { type HostEnvironment, runProgram } from "../tools/run-program.ts";
import {
  cacheDirectoryOf,
  isOwnDirectory,
  makeReadable,
  mirrorTree,
  publishDirectory,
} from "../tools/shared-cache.ts";
import { uvVariables } from "../tools/uv-settings.ts";
import { SANDBOX_PATHS, type ServerEnvironment } from "./server-command.ts";

export interface ServerEnvironmentOptions {
  /** Bindery's data directory; the environment goes to `server/<hash>/` inside. */
  readonly dataDirectory: string;
  /** Path of uv. */
  readonly uv: string;
  /** 3.10 or later, and one that the sandbox's user can run. */
  readonly python: PythonInterpreter;
  readonly env: HostEnvironment;
  readonly log: Log;
  readonly onProgress?: (line: string) => void;
  readonly signal?: AbortSignal;
}

const LOCK_FILE = join(import.meta.dirname, "server-requirements.txt");
const ASSETS = join(import.meta.dirname, "assets");
/** Raised when the way of making the environment changes. */
const LAYOUT = "1";
const INSTALL_TIMEOUT_MS = 10 * 60_000;

/**
 * Idempotent; safe at the same time in several processes. The installed packages are shared between
 * the data directories of one user; a fresh data directory gets them as hard links.
 * Throws `index-unreachable` when they cannot be installed.
 */
export async function ensureServerEnvironment(
  options: ServerEnvironmentOptions,
): Promise<ServerEnvironment> {
  const packages = await packagesKey(options.python);
  const directory = join(
    options.dataDirectory,
    "server",
    keyOf([packages, ...(await assetDigests())]),
  );
  if (!(await isOwnDirectory(directory))) {
    const cached = await ensurePackages(packages, options);
    await publishDirectory(directory, async (half) => {
      await mirrorTree(cached, half);
      await copyAssets(ASSETS, join(half, "bindery"));
      // Read by every page, from beside the server's Python.
      await copyAssets(join(ASSETS, "labconfig"), join(half, "etc/jupyter/labconfig"));
      await compileBytecode(join(half, "bindery"), half, options);
    });
  }
  return {
    directory,
    interpreterDirectories: options.python.directories,
    pythonVersion: options.python.version,
  };
}

/** Removes the server environments of earlier versions. The caller knows that no session uses them. */
export async function removeOtherServerEnvironments(
  dataDirectory: string,
  current: ServerEnvironment,
): Promise<void> {
  const root = join(dataDirectory, "server");
  for (const name of await readdir(root)) {
    const path = join(root, name);
    if (path !== current.directory) await rm(path, { recursive: true, force: true });
  }
}

async function ensurePackages(key: string, options: ServerEnvironmentOptions): Promise<string> {
  const cache = cacheDirectoryOf(options.env, options.dataDirectory);
  const target = join(cache, "server", key);
  if (await isOwnDirectory(target)) return target;
  options.onProgress?.("Installing the Jupyter server");
  await publishDirectory(target, async (half) => {
    await installPackages(half, options);
    await compileBytecode(join(half, "lib"), half, options);
    await makeReadable(half);
  });
  return target;
}

async function installPackages(half: string, options: ServerEnvironmentOptions): Promise<void> {
  const uvCache = `${half}.uv-cache`;
  const env = {
    ...options.env,
    ...(await uvVariables(options.env)),
    UV_CACHE_DIR: uvCache,
    UV_PYTHON_DOWNLOADS: "never",
    UV_NO_PROGRESS: "1",
    NO_COLOR: "1",
  };
  const wheelsOnly = ["--require-hashes", "--only-binary", ":all:"];
  try {
    await run([options.uv, "venv", "--relocatable", "--python", options.python.path, half], env, {
      what: "The Jupyter server's environment could not be made",
      options,
    });
    await run(
      [options.uv, "pip", "sync", "--python", join(half, "bin/python"), ...wheelsOnly, LOCK_FILE],
      env,
      { what: "The Jupyter server could not be installed", options },
    );
  } finally {
    await rm(uvCache, { recursive: true, force: true });
  }
}

/**
 * `unchecked-hash`: nothing is ever compared with the source again, because nothing changes here.
 * Tracebacks and the import system see the path that the sandbox shows.
 */
async function compileBytecode(
  directory: string,
  root: string,
  options: ServerEnvironmentOptions,
): Promise<void> {
  const flags = ["-q", "-j", "0", "--invalidation-mode", "unchecked-hash"];
  const paths = ["-s", root, "-p", SANDBOX_PATHS.server, directory];
  await run([options.python.path, "-I", "-m", "compileall", ...flags, ...paths], options.env, {
    what: "The Jupyter server could not be compiled",
    options,
  });
}

async function run(
  argv: readonly [string, ...string[]],
  env: HostEnvironment,
  about: { readonly what: string; readonly options: ServerEnvironmentOptions },
): Promise<void> {
  const { log, signal, dataDirectory } = about.options;
  const outcome = await runProgram(argv, {
    env,
    // Not where the person stands: uv would read a configuration file that lies there.
    workingDirectory: dataDirectory,
    timeoutMs: INSTALL_TIMEOUT_MS,
    ...(signal === undefined ? {} : { signal }),
  });
  if (outcome.kind === "exited" && outcome.code === 0) return;
  log.error("a step of making the Jupyter server failed", { argv, outcome });
  const because = outcome.kind === "exited" ? `exit code ${outcome.code}` : outcome.kind;
  throw new AppError("index-unreachable", `${about.what} (${because}); see the log.`);
}

async function packagesKey(python: PythonInterpreter): Promise<string> {
  const lock = await readFile(LOCK_FILE, "utf8");
  return keyOf([LAYOUT, lock, python.path, python.version, process.arch]);
}

async function assetDigests(): Promise<readonly string[]> {
  const entries = await readdir(ASSETS, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && !isByproduct(entry.parentPath));
  const paths = files.map((entry) => join(entry.parentPath, entry.name)).sort();
  return await Promise.all(
    paths.map(async (path) => `${path.slice(ASSETS.length)}:${keyOf([await readFile(path)])}`),
  );
}

async function copyAssets(from: string, to: string): Promise<void> {
  await mkdir(to);
  await chmod(to, 0o755);
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const source = join(from, entry.name);
    if (isByproduct(source)) continue;
    const target = join(to, entry.name);
    if (entry.isDirectory()) await copyAssets(source, target);
    else {
      await copyFile(source, target);
      await chmod(target, 0o644);
    }
  }
}

function isByproduct(path: string): boolean {
  return path.includes("__pycache__");
}

function keyOf(parts: readonly (string | Buffer)[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part).update("\0");
  return hash.digest("hex").slice(0, 16);
}
