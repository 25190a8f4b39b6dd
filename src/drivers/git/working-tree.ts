/** A local folder as it is now, as a Git tree in its mirror; nothing is written into the folder. */
import { lstat, rm, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { MINUTE_MS } from "#base/units.ts";
import { AppError } from "#core/errors.ts";
import { gitFault } from "./git-failure.ts";
import { type GitTool, stoppedFault } from "./git-tool.ts";
import { exists, type Mirror } from "./mirror.ts";
import { assertWithinLimits, type TreeLimits } from "./read-tree.ts";

const SNAPSHOT_TIMEOUT_MS = 10 * MINUTE_MS;
const NESTED_DEPTH_MAX = 10;
const LOOKS_AT_ONCE = 128;
const PATH_BYTES_MAX = 4_096;

export type FolderKind = "folder" | "work-tree" | "bare";

/** Null when there is no such folder. */
export async function folderKind(path: string): Promise<FolderKind | null> {
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isFolder) return null;
  if (await exists(join(path, ".git"))) return "work-tree";
  const isBare = (await exists(join(path, "HEAD"))) && (await exists(join(path, "objects")));
  return isBare ? "bare" : "folder";
}

export interface SnapshotOptions extends TreeLimits {
  readonly folder: string;
  readonly mirror: Mirror;
  /** Bindery's own data, never part of a repository. */
  readonly dataDir: string;
  readonly signal: AbortSignal;
}

/**
 * Hash of a tree of what is tracked and what is new but not ignored; equal content, equal hash. Nested
 * repositories are part of it, as plain content. The mirror is ours alone meanwhile.
 */
export async function writeWorkingTree(git: GitTool, options: SnapshotOptions): Promise<string> {
  const { folder, mirror, signal } = options;
  const paths = await listFiles(git, options);
  const index = join(mirror.path, "working-index");
  await rm(`${index}.lock`, { force: true });
  const call = {
    cwd: folder,
    signal,
    timeoutMs: SNAPSHOT_TIMEOUT_MS,
    // What people work on is taken as it lies there: no filter of Git LFS.
    config: ["filter.lfs.clean=", "filter.lfs.process=", "filter.lfs.required=false"],
    env: { GIT_DIR: mirror.path, GIT_WORK_TREE: folder, GIT_INDEX_FILE: index },
  };
  // The index stays for the next time: files that have not changed are not read again.
  const known = await git.output({
    ...call,
    args: ["ls-files", "-z"],
    outputBytesMax: options.maxRepoFiles * PATH_BYTES_MAX,
  });
  const wanted = new Set(paths);
  const gone = splitNul(known).filter((path) => !wanted.has(path));
  await updateIndex(git, call, ["--force-remove"], gone);
  await updateIndex(git, call, ["--add"], paths);
  const tree = await git.output({ ...call, args: ["write-tree"] });
  return tree.toString().trim();
}

type Call = Omit<Parameters<GitTool["run"]>[0], "args">;

async function updateIndex(
  git: GitTool,
  call: Call,
  options: readonly string[],
  paths: readonly string[],
): Promise<void> {
  if (paths.length === 0) return;
  const outcome = await git.run({
    ...call,
    args: ["update-index", ...options, "-z", "--stdin"],
    input: `${paths.join("\0")}\0`,
  });
  if (outcome.kind === "stopped") throw stoppedFault(outcome.because);
  if (outcome.code === 0) return;
  const [, path] = /unable to (?:index file|process path) '?(.+?)'?$/m.exec(outcome.errors) ?? [];
  const fault = gitFault(outcome.errors);
  if (path === undefined || fault.failure.code === "disk-full") throw fault;
  throw new AppError("repo-unsafe", `The file ${JSON.stringify(path)} cannot be read.`, {
    cause: fault.cause,
    detail: { file: path },
  });
}

/** What Git lists in one folder: files, and nested repositories as folders. */
async function listFolder(
  git: GitTool,
  options: SnapshotOptions,
  inside: string,
): Promise<string[]> {
  const folder = join(options.folder, inside);
  const isRepository = await exists(join(folder, ".git"));
  // A folder that is no repository is listed against an empty one: its own .gitignore files count.
  const gitDir = isRepository ? join(folder, ".git") : options.mirror.path;
  const index = isRepository ? {} : { GIT_INDEX_FILE: join(options.mirror.path, "no-index") };
  const output = await git.output({
    args: ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate"],
    cwd: folder,
    env: { GIT_DIR: gitDir, GIT_WORK_TREE: folder, ...index },
    signal: options.signal,
    timeoutMs: SNAPSHOT_TIMEOUT_MS,
    outputBytesMax: options.maxRepoFiles * PATH_BYTES_MAX,
  });
  return splitNul(output).map((path) => join(inside, path).replace(/\/$/, ""));
}

/**
 * Paths of all files, those of nested repositories and submodules too. What is not there any more is
 * left out, and the limits are checked before anything is copied.
 */
async function listFiles(git: GitTool, options: SnapshotOptions): Promise<string[]> {
  const own = ownDataPrefix(options);
  const files: string[] = [];
  const folders = [{ path: "", depth: 0 }];
  let bytes = 0;
  for (let next = folders.pop(); next !== undefined; next = folders.pop()) {
    const depth = next.depth + 1;
    if (depth > NESTED_DEPTH_MAX) {
      const message = `Repositories are nested more than ${NESTED_DEPTH_MAX} deep.`;
      throw new AppError("repo-too-large", message);
    }
    const listed = await listFolder(git, options, next.path);
    const paths = own === null ? listed : listed.filter((path) => !`${path}/`.startsWith(own));
    for (let at = 0; at < paths.length; at += LOOKS_AT_ONCE) {
      options.signal.throwIfAborted();
      const some = paths.slice(at, at + LOOKS_AT_ONCE);
      const looks = await Promise.all(some.map((path) => lookAt(join(options.folder, path))));
      for (const [index, look] of looks.entries()) {
        const path = some[index];
        if (look === null || path === undefined) continue;
        if (look.isFile() || look.isSymbolicLink()) {
          files.push(path);
          bytes += look.size;
        } else if (await exists(join(options.folder, path, ".git"))) folders.push({ path, depth });
      }
      assertWithinLimits({ bytes, files: files.length }, options);
    }
  }
  return files;
}

async function lookAt(path: string) {
  return await lstat(path).catch(() => null);
}

/** `data/` when Bindery's data lies inside the folder. */
function ownDataPrefix({ folder, dataDir }: SnapshotOptions): string | null {
  const path = relative(folder, dataDir);
  if (path === "") return "/";
  return path.startsWith("..") || path.startsWith(sep) ? null : `${path}/`;
}

function splitNul(output: Buffer): string[] {
  return output.toString("utf8").split("\0").slice(0, -1);
}
