/** Digests that the environment key is made of. */
import type { RepoFile } from "../repo/repo.ts";
import { sha256 } from "./sha256.ts";

/** Of lines whose order and repetition mean nothing. */
export function digestOfSet(lines: readonly string[]): string {
  const once = [...new Set(lines)].sort();
  return once.length === 0 ? "none" : `${digestOfList(once)} (${once.length})`;
}

export function digestOfList(values: readonly unknown[]): string {
  return values.length === 0 ? "none" : sha256(JSON.stringify(values));
}

/** Digest of paths, modes and contents of the files that `includes` picks; all of them by default. */
export function repositoryDigest(
  files: readonly RepoFile[],
  includes: (path: string) => boolean = () => true,
): string {
  const lines = files
    .filter(({ path }) => includes(path))
    .map(({ path, kind, hash }) => JSON.stringify([path, kind, hash]))
    .sort();
  return sha256(lines.join("\n"));
}
