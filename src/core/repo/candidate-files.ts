/** Which files' contents the planner is given: what can describe an environment, and what that names. */
import type { RepoFile } from "./repo.ts";
import { followLink } from "./symlinks.ts";

/** All contents of one snapshot together; what does not fit is left out. */
const CANDIDATE_BYTES_MAX = 16 * 1_024 * 1_024;
export const CANDIDATE_FILES_MAX = 2_000;

/** Names without an ending, or with one that says nothing. */
const NAMES = new Set([
  "Dockerfile",
  "Containerfile",
  "DESCRIPTION",
  "REQUIRE",
  "Pipfile",
  "postBuild",
  "start",
  ".python-version",
  ".nvmrc",
  ".node-version",
  ".condarc",
]);
const ENDINGS = /\.(?:txt|in|toml|cfg|ini|lock|ya?ml|py|r|jl|json|nix|sh|dockerfile)$/i;
const FOLDERS = new Set(["", ".binder", "binder", ".devcontainer"]);

/** A file of which the planner may ask for the content. */
export interface Candidate {
  readonly path: string;
  /** The file itself, or the one that a link leads to. */
  readonly file: RepoFile;
}

/**
 * Regular files of at most `sizeBytesMax` in the root, `.binder`, `binder` and below `requirements`,
 * and links there that lead to such a file anywhere in the repository. Smallest first, so that one
 * big file costs only itself.
 */
export function candidateFiles(
  files: readonly RepoFile[],
  links: ReadonlyMap<string, string>,
  sizeBytesMax: number,
): readonly Candidate[] {
  const named = files.filter(({ path }) => isCandidatePath(path));
  const linked = named.some(({ kind }) => kind === "symlink")
    ? new Map(files.map((file) => [file.path, file]))
    : new Map<string, RepoFile>();
  const candidates: Candidate[] = [];
  for (const { path, kind, ...rest } of named) {
    const end = kind === "symlink" ? followLink(links, path) : null;
    const target = end?.kind === "inside" ? linked.get(end.path) : undefined;
    const file = kind === "symlink" ? target : { path, kind, ...rest };
    if (file === undefined || (file.kind !== "file" && file.kind !== "executable")) continue;
    if (file.sizeBytes <= sizeBytesMax) candidates.push({ path, file });
  }
  candidates.sort((a, b) => a.file.sizeBytes - b.file.sizeBytes);
  let bytes = 0;
  return candidates.slice(0, CANDIDATE_FILES_MAX).filter(({ file }) => {
    bytes += file.sizeBytes;
    return bytes <= CANDIDATE_BYTES_MAX;
  });
}

function isCandidatePath(path: string): boolean {
  const cut = path.lastIndexOf("/");
  const folder = path.slice(0, Math.max(cut, 0));
  const name = path.slice(cut + 1);
  const isRequirement = /^(?:\.?binder\/)?requirements(?:\/|$)/.test(folder);
  if (isRequirement) return /\.(?:txt|in|lock)$/.test(name);
  return FOLDERS.has(folder) && (NAMES.has(name) || ENDINGS.test(name));
}
