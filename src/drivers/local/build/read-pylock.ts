/** Reads the lock that uv wrote where code of a repository ran: nothing in it is taken on trust. */
import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { parse } from "smol-toml";
import { AppError } from "#core/errors.ts";
import { MIB } from "#base/units.ts";
import { normalizeName } from "#core/environment/requirement.ts";

export interface ResolvedWheel {
  /** Normalised. */
  readonly name: string;
  readonly version: string;
}

const LOCK_BYTES_MAX = 16 * MIB;
const PACKAGES_MAX = 5_000;

/** The packages that come from an index and have wheels there. Throws `resolve-failed`. */
export async function readPylock(path: string): Promise<readonly ResolvedWheel[]> {
  const root = tomlOf(await textOf(path)) as { packages?: unknown };
  if (!Array.isArray(root.packages)) return [];
  return root.packages.slice(0, PACKAGES_MAX).flatMap((entry: unknown) => {
    const { name, version, wheels } = (entry ?? {}) as Record<string, unknown>;
    const isSafe =
      typeof name === "string" &&
      typeof version === "string" &&
      /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name) &&
      /^[A-Za-z0-9][A-Za-z0-9.!+_-]*$/.test(version);
    if (!isSafe || !Array.isArray(wheels) || !wheels.some(isFromWeb)) return [];
    return [{ name: normalizeName(name), version }];
  });
}

function isFromWeb(wheel: unknown): boolean {
  const { url } = (wheel ?? {}) as Record<string, unknown>;
  return typeof url === "string" && /^https?:/.test(url);
}

/** Not through a link, and not more than a lock can have. */
async function textOf(path: string): Promise<string> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const info = await file.stat();
    if (!info.isFile() || info.size > LOCK_BYTES_MAX) {
      throw new AppError("resolve-failed", "The lock that uv wrote is not a file of usual size.");
    }
    return await file.readFile("utf8");
  } finally {
    await file.close();
  }
}

function tomlOf(text: string): unknown {
  try {
    return parse(text);
  } catch (cause) {
    throw new AppError("resolve-failed", "The lock that uv wrote is not understood.", { cause });
  }
}
