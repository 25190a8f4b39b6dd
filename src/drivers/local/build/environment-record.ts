/** The records of environments: that one exists means that the environment is whole. */
import { readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Environment, EnvironmentKey } from "#core/environment/environment.ts";

/** What the file holds; the paths in it are this machine's and for its drivers only. */
export interface StoredEnvironment extends Omit<Environment, "lastUsedAtMs"> {
  /** Files that the build changed or added in the home lie in `home-layer/` of the environment. */
  readonly hasHomeLayer: boolean;
  /** False until its modules are byte-compiled, which happens after the build. */
  readonly isCompiled: boolean;
  /** Its files are hard links into the shared cache. */
  readonly isLinked: boolean;
  /** The interpreter that it was made with, and the directories outside `/usr` that it needs. */
  readonly pythonPath: string;
  readonly interpreterDirectories: readonly string[];
}

const KEY = /^[0-9a-f]{64}$/;

/** Null when there is none. One read. */
export async function readRecord(
  records: string,
  key: EnvironmentKey,
): Promise<StoredEnvironment | null> {
  if (!KEY.test(key)) return null;
  try {
    return JSON.parse(await readFile(recordPath(records, key), "utf8")) as StoredEnvironment;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

/** What others may know of it; the time of last use is the file's own. Null when there is none. */
export async function readEnvironment(
  records: string,
  key: EnvironmentKey,
): Promise<Environment | null> {
  const stored = await readRecord(records, key);
  if (stored === null) return null;
  const info = await stat(recordPath(records, key)).catch(() => null);
  return info === null ? null : environmentOf(stored, Math.round(info.mtimeMs));
}

export function environmentOf(stored: StoredEnvironment, lastUsedAtMs: number): Environment {
  const { key, builtAtMs, sizeBytes, buildDurationMs, pythonVersion } = stored;
  const { server, serverBecause, builtFor } = stored;
  return {
    ...{ key, builtAtMs, lastUsedAtMs, sizeBytes, buildDurationMs },
    ...{ pythonVersion, server, serverBecause, builtFor },
  };
}

export async function listKeys(records: string): Promise<readonly EnvironmentKey[]> {
  const names = await readdir(records);
  return names.flatMap((name) => /^([0-9a-f]{64})\.json$/.exec(name)?.[1] ?? []);
}

export async function listEnvironments(records: string): Promise<readonly Environment[]> {
  const keys = await listKeys(records);
  const found = await Promise.all(keys.map((key) => readEnvironment(records, key)));
  return found.filter((environment) => environment !== null);
}

/** Whole or not at all. The time of last use stays; a new record was used when it was built. */
export async function writeRecord(records: string, stored: StoredEnvironment): Promise<void> {
  const path = recordPath(records, stored.key);
  const before = await stat(path).catch(() => null);
  const usedAt = (before?.mtimeMs ?? stored.builtAtMs) / 1000;
  await writeFile(`${path}.new`, `${JSON.stringify(stored, null, 2)}\n`);
  await utimes(`${path}.new`, usedAt, usedAt);
  await rename(`${path}.new`, path);
}

/** Nothing happens when there is no record. */
export async function touchRecord(
  records: string,
  key: EnvironmentKey,
  atMs: number,
): Promise<void> {
  if (!KEY.test(key)) return;
  try {
    await utimes(recordPath(records, key), atMs / 1000, atMs / 1000);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}

export async function removeRecord(records: string, key: EnvironmentKey): Promise<void> {
  if (KEY.test(key)) await rm(recordPath(records, key), { force: true });
}

/** Text beside the record: the lock and the log; null when absent. */
export async function readBeside(
  records: string,
  key: EnvironmentKey,
  ending: "lock.txt" | "log",
): Promise<string | null> {
  if (!KEY.test(key)) return null;
  try {
    return await readFile(besidePath(records, key, ending), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

export function besidePath(
  records: string,
  key: EnvironmentKey,
  ending: "lock.txt" | "log",
): string {
  return join(records, `${key}.${ending}`);
}

function recordPath(records: string, key: EnvironmentKey): string {
  return join(records, `${key}.json`);
}
