/** The local mirrors: one bare repository per address, in which commits are kept one deep. */
import { createHash } from "node:crypto";
import { mkdir, readdir, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";

export interface Mirror {
  /** The bare repository. */
  readonly path: string;
  /** Where what a checkout of this commit needs is kept, once it is complete. */
  prepared(commit: string): string;
}

/** `address` is Git's URL; for a local folder its path. */
export function mirrorOf(dataDir: string, address: string): Mirror {
  const name = createHash("sha256").update(address).digest("hex");
  const path = join(dataDir, "mirrors", `${name}.git`);
  return { path, prepared: (commit) => join(path, "prepared", commit) };
}

/** Makes the bare repository; one that exists already stays, and is noted as used. */
export async function ensureMirror(mirror: Mirror, address: string): Promise<void> {
  const { path } = mirror;
  if (await exists(join(path, "HEAD"))) {
    await touchMirror(mirror);
    return;
  }
  for (const folder of ["objects/info", "objects/pack", "refs/heads", "refs/commits", "prepared"]) {
    await mkdir(join(path, folder), { recursive: true });
  }
  await writeFile(join(path, "config"), "[core]\n\trepositoryformatversion = 0\n\tbare = true\n");
  await writeFile(join(path, "description"), `${address}\n`);
  // Last: a folder with HEAD in it is a repository for Git, and for the check above.
  await writeFile(join(path, "HEAD"), "ref: refs/heads/none\n");
}

/**
 * Removes what a killed Git left: its locks would stop all later ones. Only while no other Git works
 * in the mirror.
 */
export async function cleanMirror({ path }: Mirror): Promise<void> {
  const pack = join(path, "objects", "pack");
  for (const name of await readdir(path)) {
    if (name.endsWith(".lock")) await rm(join(path, name), { force: true });
  }
  for (const name of await readdir(pack)) {
    if (name.startsWith("tmp_")) await rm(join(pack, name), { force: true });
  }
  for (const name of await readdir(join(path, "prepared"))) {
    if (name.includes(".half-"))
      await rm(join(path, "prepared", name), { recursive: true, force: true });
  }
}

/** Bytes that the mirror's packs take, half-received ones included. */
export async function packBytes({ path }: Mirror): Promise<number> {
  const pack = join(path, "objects", "pack");
  let bytes = 0;
  for (const name of await readdir(pack)) {
    // A temporary pack may be renamed between the listing and this look.
    bytes += await stat(join(pack, name)).then(
      ({ size }) => size,
      () => 0,
    );
  }
  return bytes;
}

/** Gives the disk back after a repository proved too large; a mirror that serves commits stays. */
export async function discardMirror({ path }: Mirror): Promise<void> {
  const prepared = await readdir(join(path, "prepared"));
  if (prepared.every((name) => name.includes(".half-"))) {
    await rm(path, { recursive: true, force: true });
  }
}

/** Notes a use, so that pruning can take the least recently used mirrors first. */
export async function touchMirror({ path }: Mirror): Promise<void> {
  const now = new Date();
  await utimes(join(path, "HEAD"), now, now);
}

export async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT" || error.code === "ENOTDIR") return false;
      throw error;
    },
  );
}

/** True when the commit was taken apart for checkouts (see prepare-commit.ts). */
export async function isPrepared(mirror: Mirror, commit: string): Promise<boolean> {
  return await exists(join(mirror.prepared(commit), "snapshot.json"));
}
