/** Reads what a commit holds: its listing, and the contents of chosen blobs. */
import { formatBytes, MIB, SECOND_MS } from "#base/units.ts";
import { AppError } from "#core/errors.ts";
import type { RepoFile } from "#core/repo/repo.ts";
import { type GitTool, stoppedFault } from "./git-tool.ts";
import { gitFault } from "./git-failure.ts";
import type { Mirror } from "./mirror.ts";

const READ_TIMEOUT_MS = 120 * SECOND_MS;
/** A longer target is refused by the kernel. */
const LINK_BYTES_MAX = 4_096;

export interface TreeLimits {
  readonly maxRepoBytes: number;
  readonly maxRepoFiles: number;
}

export interface ReadOptions {
  readonly mirror: Mirror;
  readonly signal: AbortSignal;
}

/**
 * Every file of the commit (or tree). Throws `repo-too-large` as soon as the limits are passed, also
 * for a small pack that unfolds to many or to huge files.
 */
export async function listTree(
  git: GitTool,
  commit: string,
  { mirror, signal, maxRepoFiles, maxRepoBytes }: ReadOptions & TreeLimits,
): Promise<RepoFile[]> {
  const files: RepoFile[] = [];
  let bytes = 0;
  let rest: Buffer = Buffer.alloc(0);
  const outcome = await git.run({
    args: ["ls-tree", "-r", "-l", "-z", "--full-tree", commit],
    cwd: mirror.path,
    signal,
    timeoutMs: READ_TIMEOUT_MS,
    onOutput(chunk) {
      const text = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      let from = 0;
      for (let end = text.indexOf(0); end !== -1; end = text.indexOf(0, from)) {
        const file = parseEntry(text.toString("utf8", from, end));
        files.push(file);
        bytes += file.sizeBytes;
        from = end + 1;
      }
      rest = text.subarray(from);
      return files.length <= maxRepoFiles && bytes <= maxRepoBytes;
    },
  });
  assertWithinLimits({ bytes, files: files.length }, { maxRepoBytes, maxRepoFiles });
  if (outcome.kind === "stopped") throw stoppedFault(outcome.because);
  if (outcome.code !== 0) throw gitFault(outcome.errors);
  return files;
}

/** Throws `repo-too-large`, naming the limit. */
export function assertWithinLimits(
  { bytes, files }: { readonly bytes: number; readonly files: number },
  { maxRepoBytes, maxRepoFiles }: TreeLimits,
): void {
  if (files > maxRepoFiles) {
    throw new AppError(
      "repo-too-large",
      `The repository has more than ${maxRepoFiles} files (the limit maxRepoFiles).`,
    );
  }
  if (bytes > maxRepoBytes) {
    throw new AppError(
      "repo-too-large",
      `The repository is larger than ${formatBytes(maxRepoBytes)} (the limit maxRepoBytes).`,
    );
  }
}

/** `<mode> <type> <hash> <size>\t<path>`; the size of a gitlink is `-`. */
function parseEntry(entry: string): RepoFile {
  const tab = entry.indexOf("\t");
  const [mode = "", , hash = "", size] = entry.slice(0, tab).split(/ +/);
  const sizeBytes = size === undefined || size === "-" ? 0 : Number(size);
  return { path: entry.slice(tab + 1), kind: kindOf(mode), sizeBytes, hash };
}

function kindOf(mode: string): RepoFile["kind"] {
  switch (mode) {
    case "100755":
      return "executable";
    case "120000":
      return "symlink";
    case "160000":
      return "submodule";
    default:
      return "file";
  }
}

/** Where each symbolic link leads, by its path. */
export async function readLinks(
  git: GitTool,
  files: readonly RepoFile[],
  options: ReadOptions,
): Promise<ReadonlyMap<string, string>> {
  const links = files.filter(({ kind }) => kind === "symlink");
  const long = links.find(({ sizeBytes }) => sizeBytes > LINK_BYTES_MAX);
  if (long !== undefined) {
    throw new AppError("repo-unsafe", "A symbolic link's target is too long.", {
      detail: { file: long.path },
    });
  }
  const contents = await readBlobs(git, links, options);
  return new Map(links.map(({ path, hash }) => [path, contents.get(hash)?.toString("utf8") ?? ""]));
}

/** The contents by hash, through one `cat-file --batch`. The caller bounds the sizes. */
export async function readBlobs(
  git: GitTool,
  files: readonly RepoFile[],
  { mirror, signal }: ReadOptions,
): Promise<ReadonlyMap<string, Buffer>> {
  const sizes = new Map(files.map(({ hash, sizeBytes }) => [hash, sizeBytes]));
  const contents = new Map<string, Buffer>();
  if (sizes.size === 0) return contents;
  const bytes = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  const output = await git.output({
    args: ["cat-file", "--batch"],
    cwd: mirror.path,
    signal,
    timeoutMs: READ_TIMEOUT_MS,
    input: `${[...sizes.keys()].join("\n")}\n`,
    outputBytesMax: bytes + sizes.size * 100 + MIB,
  });
  let from = 0;
  while (from < output.length) {
    const end = output.indexOf("\n", from);
    const [hash = "", , size] = output.toString("latin1", from, end).split(" ");
    const begin = end + 1;
    from = begin + Number(size) + 1;
    contents.set(hash, output.subarray(begin, from - 1));
  }
  return contents;
}
