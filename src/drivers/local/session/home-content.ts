/** Brings a repository's content into a session's home, and takes trees away again. */
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
} from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { SandboxOwner } from "../sandbox/owner.ts";

/** Empty and for us alone; what was there is gone. */
export function makeEmptyDirectory(path: string): void {
  rmSync(path, { recursive: true, force: true });
  mkdirSync(path, { mode: 0o700 });
}

/** Empty and for the sandbox's user alone. */
export function makeOwnDirectory(path: string, owner: SandboxOwner): void {
  makeEmptyDirectory(path);
  if (owner.kind === "switch") chownSync(path, owner.uid, owner.uid);
}

/**
 * Moves what is in `from` into `to`, over what is there. Only while nobody but our own warm server
 * can write to `to`.
 */
export function moveContent(from: string, to: string): void {
  for (const name of readdirSync(from)) {
    const [source, target] = [join(from, name), join(to, name)];
    const existing = lstatSync(target, { throwIfNoEntry: false });
    const isDirectory = lstatSync(source).isDirectory();
    if (existing?.isDirectory() && isDirectory) {
      moveContent(source, target);
      continue;
    }
    if (existing !== undefined) rmSync(target, { recursive: true, force: true });
    renameSync(source, target);
  }
}

/** Also trees whose owner closed directories to himself. Only when nothing runs in it any more. */
export async function removeTree(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EACCES") throw error;
    openTree(path);
    await rm(path, { recursive: true, force: true });
  }
}

function openTree(path: string): void {
  chmodSync(path, 0o700);
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (entry.isDirectory()) openTree(join(path, entry.name));
  }
}
