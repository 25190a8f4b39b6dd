/** Keeps the mirrors' share of the disk: the least recently used ones go first. */
import { lstat, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { HOUR_MS } from "#base/units.ts";

/** What was used a moment ago may be read right now: by a checkout, or by a launch between its steps. */
const KEPT_AFTER_USE_MS = 1 * HOUR_MS;

interface FoundMirror {
  readonly path: string;
  readonly usedAtMs: number;
  readonly bytes: number;
}

/** Removes mirrors until `bytesMax` are left, and gives what that freed. */
export async function pruneMirrors(options: {
  readonly dataDir: string;
  readonly bytesMax: number;
  readonly nowMs: number;
}): Promise<number> {
  const folder = join(options.dataDir, "mirrors");
  const mirrors: FoundMirror[] = [];
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    // Left by a prune that was killed.
    if (name.endsWith(".gone")) await rm(path, { recursive: true, force: true });
    else if (name.endsWith(".git")) mirrors.push(await look(path));
  }
  mirrors.sort((a, b) => a.usedAtMs - b.usedAtMs);
  let bytes = mirrors.reduce((sum, mirror) => sum + mirror.bytes, 0);
  let freedBytes = 0;
  for (const { path, usedAtMs, bytes: itsBytes } of mirrors) {
    if (bytes <= options.bytesMax) break;
    if (options.nowMs - usedAtMs < KEPT_AFTER_USE_MS) break;
    // Gone at once for everybody, then piece by piece.
    await rename(path, `${path}.gone`);
    await rm(`${path}.gone`, { recursive: true, force: true });
    bytes -= itsBytes;
    freedBytes += itsBytes;
  }
  return freedBytes;
}

async function look(path: string): Promise<FoundMirror> {
  const usedAtMs = await stat(join(path, "HEAD")).then(
    ({ mtimeMs }) => mtimeMs,
    // Half-made, by a process that was killed.
    () => 0,
  );
  return { path, usedAtMs, bytes: await bytesBelow(path) };
}

/** Packs that are linked several times count once. */
async function bytesBelow(path: string): Promise<number> {
  const seen = new Set<number>();
  let bytes = 0;
  for (const name of await readdir(path, { recursive: true })) {
    // A fetch at work removes and renames its temporary files.
    const found = await lstat(join(path, name)).catch(() => null);
    if (found === null || !found.isFile() || seen.has(found.ino)) continue;
    seen.add(found.ino);
    bytes += found.blocks * 512;
  }
  return bytes;
}
