/** Turns a fetched commit into what the planner and each checkout need, once for each commit. */
import { constants } from "node:fs";
import { copyFile, link, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { formatBytes, MIB, MINUTE_MS } from "#base/units.ts";
import { AppError } from "#core/errors.ts";
import { filesWanted } from "#core/environment/plan-environment.ts";
import { candidateFiles } from "#core/repo/candidate-files.ts";
import type { RepoFile, RepoSnapshot } from "#core/repo/repo.ts";
import type { GitTool } from "./git-tool.ts";
import type { Mirror } from "./mirror.ts";
import { listTree, type ReadOptions, readBlobs, readLinks, type TreeLimits } from "./read-tree.ts";

const PREPARE_TIMEOUT_MS = 10 * MINUTE_MS;
/** Files that include each other do so only so deep. */
const NAMED_FILES_ROUNDS_MAX = 50;
const NAMED_FILES_BYTES_MAX = 16 * MIB;
const ATTRIBUTES_FILES_MAX = 200;
const ATTRIBUTES_BYTES_MAX = 65_536;
/** By its specification a pointer is smaller than 1024 bytes. */
const POINTER_BYTES_MAX = 1_024;

/** What is known of one repository's commit; `snapshot.json` in its prepared folder. */
export interface PreparedCommit {
  readonly version: 4;
  readonly files: readonly RepoFile[];
  readonly contents: readonly (readonly [string, string | null])[];
  readonly links: readonly (readonly [string, string])[];
  readonly bytes: number;
  /** What the files that Git LFS keeps elsewhere amount to; 0 when there are none. */
  readonly largeBytes: number;
}

export interface PrepareOptions extends TreeLimits {
  readonly mirror: Mirror;
  readonly commit: string;
  readonly maxConfigFileBytes: number;
  readonly signal: AbortSignal;
}

export function snapshotOf({ files, contents, links }: PreparedCommit): RepoSnapshot {
  return { files, contents: new Map(contents), links: new Map(links) };
}

/** What the planner asks for on top of what it is always given: files that other files name. */
async function addNamedFiles(
  git: GitTool,
  snapshot: RepoSnapshot & { readonly contents: Map<string, string | null> },
  options: PrepareOptions,
): Promise<void> {
  const byPath = new Map(snapshot.files.map((file) => [file.path, file]));
  let bytes = 0;
  for (let round = 0; round < NAMED_FILES_ROUNDS_MAX; round += 1) {
    const wanted = filesWanted(snapshot, options).flatMap((path) => byPath.get(path) ?? []);
    if (wanted.length === 0) return;
    bytes += wanted.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    if (bytes > NAMED_FILES_BYTES_MAX) {
      const message = `The files that configuration files name are larger than ${formatBytes(NAMED_FILES_BYTES_MAX)} together.`;
      throw new AppError("repo-too-large", message);
    }
    const blobs = await readBlobs(git, wanted, options);
    for (const { path, hash } of wanted) snapshot.contents.set(path, textOf(blobs.get(hash)));
  }
}

/** Null when the commit is not prepared. */
export async function readPrepared(mirror: Mirror, commit: string): Promise<PreparedCommit | null> {
  try {
    const text = await readFile(join(mirror.prepared(commit), "snapshot.json"), "utf8");
    const prepared = JSON.parse(text) as PreparedCommit;
    return prepared.version === 4 ? prepared : null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

/** The commit (or tree) is in the mirror. Whole or not at all; the mirror is ours alone meanwhile. */
export async function prepareCommit(
  git: GitTool,
  options: PrepareOptions,
): Promise<PreparedCommit> {
  const { mirror, commit } = options;
  const half = `${mirror.prepared(commit)}.half-${process.pid}`;
  await rm(half, { recursive: true, force: true });
  // First and alone: what is too large must not be unfolded by anything else.
  const files = await listTree(git, commit, options);
  const work = [readContents(git, files, options), writeTemplate(git, half, options)] as const;
  // Both have ended before the mirror is given up, also when one of them fails.
  await Promise.allSettled(work);
  const [read] = await Promise.all(work);
  const bytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const prepared: PreparedCommit = { version: 4, files, ...read, bytes };
  await writeFile(join(half, "snapshot.json"), JSON.stringify(prepared));
  await rm(mirror.prepared(commit), { recursive: true, force: true });
  await rename(half, mirror.prepared(commit));
  return prepared;
}

async function readContents(
  git: GitTool,
  files: readonly RepoFile[],
  options: PrepareOptions,
): Promise<Pick<PreparedCommit, "contents" | "links" | "largeBytes">> {
  const links = await readLinks(git, files, options);
  const candidates = candidateFiles(files, links, options.maxConfigFileBytes);
  const attributes = files
    .filter(({ path, kind }) => kind === "file" && /(?:^|\/)\.gitattributes$/.test(path))
    .filter(({ sizeBytes }) => sizeBytes <= ATTRIBUTES_BYTES_MAX)
    .slice(0, ATTRIBUTES_FILES_MAX);
  const wanted = [...candidates.map(({ file }) => file), ...attributes];
  const blobs = await readBlobs(git, wanted, options);
  const contents = new Map(
    candidates.map(({ path, file }) => [path, textOf(blobs.get(file.hash))] as const),
  );
  await addNamedFiles(git, { files, contents, links }, options);
  const usesLfs = attributes.some(({ hash }) => /filter=lfs/.test(String(blobs.get(hash))));
  const largeBytes = usesLfs ? await largeFileBytes(git, files, options) : 0;
  return { contents: [...contents], links: [...links], largeBytes };
}

/** Git LFS leaves a pointer in the place of each file, which tells its size. */
async function largeFileBytes(
  git: GitTool,
  files: readonly RepoFile[],
  at: ReadOptions,
): Promise<number> {
  const small = files.filter(
    ({ kind, sizeBytes }) => kind !== "submodule" && sizeBytes <= POINTER_BYTES_MAX,
  );
  let bytes = 0;
  for (const content of (await readBlobs(git, small, at)).values()) {
    const [, size] =
      /^version https:\/\/git-lfs\.github\.com\/[^]*^size (\d+)$/m.exec(content.toString()) ?? [];
    bytes += Number(size ?? 0);
  }
  return bytes;
}

/** Null when it is not UTF-8. A byte order mark is dropped. */
function textOf(content: Buffer | undefined): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(content);
  } catch {
    return null;
  }
}

/** `git/`: the index, the one pack and `shallow` of a repository that holds this commit and no other. */
async function writeTemplate(
  git: GitTool,
  folder: string,
  { mirror, commit, signal }: PrepareOptions,
): Promise<void> {
  const pack = join(folder, "git", "objects", "pack");
  await mkdir(pack, { recursive: true });
  const call = { cwd: mirror.path, signal, timeoutMs: PREPARE_TIMEOUT_MS };
  const env = { GIT_INDEX_FILE: join(folder, "git", "index") };
  const work = [
    git.output({ ...call, args: ["read-tree", commit], env }),
    commitOf(git, commit, call),
  ] as const;
  await Promise.allSettled(work);
  const [, head] = await Promise.all(work);
  await writeFile(join(folder, "git", "head"), head);
  const shallow = await readFile(join(mirror.path, "shallow"), "utf8").catch(() => "");
  if (shallow.includes(head)) await writeFile(join(folder, "git", "shallow"), `${head}\n`);
  if (await linkOnlyPack(mirror, pack)) return;
  await git.output({
    ...call,
    args: ["pack-objects", "-q", "--revs", "--delta-base-offset", "--window=0", join(pack, "pack")],
    input: `${head}\n`,
  });
}

/** A folder's content is a tree; a repository needs a commit, always the same one for the same tree. */
async function commitOf(
  git: GitTool,
  hash: string,
  call: { readonly cwd: string; readonly signal: AbortSignal; readonly timeoutMs: number },
): Promise<string> {
  const type = await git.output({ ...call, args: ["cat-file", "-t", hash] });
  if (type.toString().trim() === "commit") return hash;
  const who = { NAME: "Bindery", EMAIL: "bindery@localhost", DATE: "2000-01-01T00:00:00Z" };
  const env = Object.fromEntries(
    Object.entries(who).flatMap(([key, value]) => [
      [`GIT_AUTHOR_${key}`, value],
      [`GIT_COMMITTER_${key}`, value],
    ]),
  );
  const message = "The folder as it was at the launch";
  const made = await git.output({ ...call, args: ["commit-tree", "-m", message, hash], env });
  return made.toString().trim();
}

/** The first fetch into a mirror brings exactly one commit's objects: its pack can be shared. */
async function linkOnlyPack(mirror: Mirror, target: string): Promise<boolean> {
  const source = join(mirror.path, "objects", "pack");
  const names = (await readdir(source)).filter((name) => /\.(?:pack|idx)$/.test(name));
  const loose = (await readdir(join(mirror.path, "objects"))).some((name) => name.length === 2);
  const others = (await readdir(join(mirror.path, "prepared"))).some((name) => !name.includes("."));
  if (names.length !== 2 || loose || others) return false;
  for (const name of names) await linkOrCopy(join(source, name), join(target, name));
  return true;
}

export async function linkOrCopy(source: string, target: string): Promise<void> {
  try {
    await link(source, target);
  } catch {
    // Another file system, or one without links.
    await copyFile(source, target, constants.COPYFILE_FICLONE);
  }
}
