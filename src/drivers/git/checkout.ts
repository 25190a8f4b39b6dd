/** Writes a fetched commit into a directory, with a `.git` that works and that is nobody else's. */
import { constants, lchownSync, mkdirSync, readdirSync } from "node:fs";
import { copyFile, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { MINUTE_MS } from "#base/units.ts";
import { AppError } from "#core/errors.ts";
import type { ResolvedRepo } from "#core/repo/repo.ts";
import { gitFault } from "./git-failure.ts";
import { type GitTool, stoppedFault } from "./git-tool.ts";
import { largeFileSettings } from "./large-files.ts";
import type { Mirror } from "./mirror.ts";
import { linkOrCopy } from "./prepare-commit.ts";
import type { CheckoutPart, WholeCheckout } from "./whole-checkout.ts";

const CHECKOUT_TIMEOUT_MS = 10 * MINUTE_MS;
const CHOWN_HERE_MAX = 300;

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

export interface CheckoutOptions {
  readonly repo: ResolvedRepo;
  readonly whole: WholeCheckout;
  readonly directory: string;
  /** Whose the files shall be; null leaves them to the user that Bindery runs as. */
  readonly owner: Owner | null;
  readonly mirrorOfPart: (address: string) => Mirror;
  readonly signal: AbortSignal;
}

/** Throws what went wrong; the directory then holds a part. */
export async function checkOut(git: GitTool, options: CheckoutOptions): Promise<void> {
  const { repo, whole, directory, owner } = options;
  for (const part of whole.parts) {
    const template = join(options.mirrorOfPart(part.address).prepared(part.commit), "git");
    const target = join(directory, part.path);
    const refName = part.path === "" ? repo.refName : undefined;
    await writeGitFolder(template, target, part, refName);
    await writeFiles(git, {
      template,
      target,
      part,
      mirror: options.mirrorOfPart(part.address),
      signal: options.signal,
    });
  }
  if (owner !== null) await giveTo(git, owner, options);
  // Last, because linked packs must stay ours: who owns a file can change it for everybody.
  for (const part of whole.parts) {
    const template = join(options.mirrorOfPart(part.address).prepared(part.commit), "git");
    await givePack(template, join(directory, part.path), owner !== null);
  }
}

/** All of `.git` but its objects. */
async function writeGitFolder(
  template: string,
  target: string,
  part: CheckoutPart,
  refName: string | undefined,
): Promise<void> {
  const folder = join(target, ".git");
  // Together a tenth of a millisecond; by way of the thread pool ten times that.
  for (const path of ["objects/info", "objects/pack", "refs/heads", "refs/tags", "info"]) {
    mkdirSync(join(folder, path), { recursive: true });
  }
  const head = await readFile(join(template, "head"), "utf8");
  const branch = /^refs\/heads\/(.+)$/.exec(refName ?? "")?.[1];
  await Promise.all([
    writeFile(
      join(folder, "HEAD"),
      branch === undefined ? `${head}\n` : `ref: refs/heads/${branch}\n`,
    ),
    writeFile(join(folder, "config"), configText(part.remoteUrl, branch)),
    writeFile(join(folder, "packed-refs"), packedRefs(head, refName, branch)),
    copyFile(join(template, "index"), join(folder, "index"), constants.COPYFILE_FICLONE),
    copyFile(join(template, "shallow"), join(folder, "shallow")).catch(ignoreAbsent),
  ]);
}

function configText(remoteUrl: string | null, branch: string | undefined): string {
  const quoted = (text: string) => `"${text.replaceAll(/["\\]/g, "\\$&")}"`;
  const lines = [
    "[core]",
    "\trepositoryformatversion = 0",
    "\tfilemode = true",
    "\tbare = false",
    "\tlogallrefupdates = true",
    // The files get their owner after the index is written; that alone is no change.
    "\tcheckStat = minimal",
  ];
  if (remoteUrl !== null) {
    lines.push('[remote "origin"]', `\turl = ${quoted(remoteUrl)}`);
    lines.push("\tfetch = +refs/heads/*:refs/remotes/origin/*");
  }
  if (remoteUrl !== null && branch !== undefined) {
    lines.push(`[branch ${quoted(branch)}]`, "\tremote = origin");
    lines.push(`\tmerge = ${quoted(`refs/heads/${branch}`)}`);
  }
  return `${lines.join("\n")}\n`;
}

function packedRefs(head: string, refName: string | undefined, branch: string | undefined): string {
  const names: string[] = [];
  if (branch !== undefined) names.push(`refs/heads/${branch}`, `refs/remotes/origin/${branch}`);
  else if (refName?.startsWith("refs/tags/") === true) names.push(refName);
  const lines = names.toSorted().map((name) => `${head} ${name}\n`);
  return `# pack-refs with: peeled fully-peeled sorted \n${lines.join("")}`;
}

/** One Git process: every file, and the index with what the files look like now. */
async function writeFiles(
  git: GitTool,
  at: {
    readonly template: string;
    readonly target: string;
    readonly part: CheckoutPart;
    readonly mirror: Mirror;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const outcome = await git.run({
    args: ["checkout-index", "--all", "--force", "--index", "--quiet"],
    cwd: at.target,
    config: largeFileSettings(at.part.hasLfs ? at.mirror : null),
    env: {
      GIT_DIR: join(at.target, ".git"),
      GIT_WORK_TREE: at.target,
      GIT_OBJECT_DIRECTORY: join(at.template, "objects"),
    },
    signal: at.signal,
    timeoutMs: CHECKOUT_TIMEOUT_MS,
  });
  if (outcome.kind === "stopped") throw stoppedFault(outcome.because);
  if (outcome.code === 0) return;
  const fault = gitFault(outcome.errors);
  if (fault.failure.code === "disk-full") throw fault;
  const names = /unable to create file (.+): File name too long/.exec(outcome.errors);
  const message =
    names === null
      ? "Git could not write the repository's files."
      : `The file name ${JSON.stringify(names[1])} is too long.`;
  throw new AppError("repo-unsafe", message, { cause: fault.cause });
}

/** Links where the session's user is another than ours and so cannot change the shared pack. */
async function givePack(template: string, target: string, canLink: boolean): Promise<void> {
  const source = join(template, "objects", "pack");
  const pack = join(target, ".git", "objects", "pack");
  const give = canLink
    ? linkOrCopy
    : (from: string, to: string) => copyFile(from, to, constants.COPYFILE_FICLONE);
  const names = await readdir(source);
  await Promise.all(names.map((name) => give(join(source, name), join(pack, name))));
}

async function giveTo(
  git: GitTool,
  { uid, gid }: Owner,
  { directory, whole, signal }: Pick<CheckoutOptions, "directory" | "whole" | "signal">,
): Promise<void> {
  if (whole.files <= CHOWN_HERE_MAX) {
    // Cheaper, and shorter for everybody else in this process, than to start another one.
    giveFolder(Buffer.from(directory), { uid, gid });
    return;
  }
  const outcome = await git.run({
    command: "chown",
    args: ["-Rh", `${uid}:${gid}`, "."],
    cwd: directory,
    signal,
    timeoutMs: CHECKOUT_TIMEOUT_MS,
  });
  if (outcome.kind === "stopped") throw stoppedFault(outcome.because);
  if (outcome.code !== 0) throw new Error(`chown failed: ${outcome.errors}`);
}

/** Names as bytes: not every file name is UTF-8. */
function giveFolder(folder: Buffer, { uid, gid }: Owner): void {
  lchownSync(folder, uid, gid);
  for (const entry of readdirSync(folder, { withFileTypes: true, encoding: "buffer" })) {
    const path = Buffer.concat([folder, Buffer.from("/"), entry.name]);
    if (entry.isDirectory()) giveFolder(path, { uid, gid });
    else lchownSync(path, uid, gid);
  }
}

function ignoreAbsent(error: NodeJS.ErrnoException): void {
  if (error.code !== "ENOENT") throw error;
}
