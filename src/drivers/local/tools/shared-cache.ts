/** What several data directories of one user share, and how it comes into each without a copy. */
import { randomBytes } from "node:crypto";
import {
  chmod,
  constants,
  copyFile,
  link,
  lstat,
  mkdir,
  readdir,
  readlink,
  rename,
  rm,
  symlink,
} from "node:fs/promises";
import { dirname, join } from "node:path";
import { HOUR_MS } from "#base/units.ts";
import type { HostEnvironment } from "./run-program.ts";

/** The user's own cache, or one inside the data directory where there is no home. */
export function cacheDirectoryOf(env: HostEnvironment, dataDirectory: string): string {
  const configured = env["XDG_CACHE_HOME"];
  if (configured?.startsWith("/") === true) return join(configured, "bindery");
  const home = env["HOME"];
  if (home?.startsWith("/") === true) return join(home, ".cache/bindery");
  return join(dataDirectory, "cache");
}

/** What is half-made for longer than this belongs to a process that was killed. */
const HALF_MADE_MAX_MS = HOUR_MS;

/**
 * Makes a directory whole or not at all: `fill` works on a fresh one beside it, which then takes the
 * name. When another process was quicker, its directory stays and ours goes.
 */
export async function publishDirectory(
  target: string,
  fill: (directory: string) => Promise<void>,
): Promise<void> {
  const created = await mkdir(dirname(target), { recursive: true });
  // Whatever the umask: the sandbox's user looks for things here.
  if (created !== undefined) await chmod(dirname(target), 0o755);
  await removeAbandoned(dirname(target));
  const half = `${target}.${randomBytes(6).toString("hex")}.half`;
  try {
    await mkdir(half);
    await chmod(half, 0o755);
    await fill(half);
    await rename(half, target);
  } catch (error) {
    await rm(half, { recursive: true, force: true });
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOTEMPTY" || code === "EEXIST") return;
    throw error;
  }
}

async function removeAbandoned(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    if (!/\.[0-9a-f]{12}\.half(\.|$)/.test(name)) continue;
    const path = join(parent, name);
    const stats = await lstat(path).catch(() => null);
    if (stats === null || Date.now() - stats.mtimeMs < HALF_MADE_MAX_MS) continue;
    await rm(path, { recursive: true, force: true });
  }
}

/** Files become hard links where the file system allows it, copies elsewhere. `to` exists. */
export async function mirrorTree(from: string, to: string): Promise<void> {
  const entries = await readdir(from, { withFileTypes: true });
  await Promise.all(
    entries.map(async (entry) => {
      const source = join(from, entry.name);
      const target = join(to, entry.name);
      if (entry.isDirectory()) {
        await mkdir(target);
        await chmod(target, 0o755);
        await mirrorTree(source, target);
      } else if (entry.isSymbolicLink()) {
        await symlink(await readlink(source), target);
      } else {
        await linkOrCopy(source, target);
      }
    }),
  );
}

/** Whatever the umask was: all may read, and run what is a program; nobody but the owner writes. */
export async function makeReadable(directory: string): Promise<void> {
  await chmod(directory, 0o755);
  const entries = await readdir(directory, { withFileTypes: true });
  await Promise.all(
    entries.map(async (entry) => {
      const path = join(directory, entry.name);
      if (entry.isDirectory()) await makeReadable(path);
      else if (entry.isFile()) {
        const { mode } = await lstat(path);
        await chmod(path, (mode & 0o100) === 0 ? 0o644 : 0o755);
      }
    }),
  );
}

async function linkOrCopy(source: string, target: string): Promise<void> {
  try {
    await link(source, target);
  } catch (error) {
    // Another file system, or one that has no (or too many) hard links.
    const code = (error as NodeJS.ErrnoException).code ?? "";
    if (!["EXDEV", "EPERM", "EMLINK", "ENOTSUP"].includes(code)) throw error;
    await copyFile(source, target, constants.COPYFILE_FICLONE);
  }
}

/** A cache directory that somebody else made is not trusted. */
export async function isOwnDirectory(directory: string): Promise<boolean> {
  const stats = await lstat(directory).catch(() => null);
  return stats !== null && stats.isDirectory() && stats.uid === process.getuid?.();
}
