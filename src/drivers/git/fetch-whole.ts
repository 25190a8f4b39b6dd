/** Makes a resolved repo present with all its submodules, and tells the planner what it holds. */
import { AppError, failureOf } from "#core/errors.ts";
import type { RepoSnapshot, ResolvedRepo } from "#core/repo/repo.ts";
import { fetchCommit, hasCommit } from "./fetch-commit.ts";
import { followRedirect } from "./follow-redirect.ts";
import type { GitContext } from "./git-context.ts";
import { fetchLargeFiles } from "./large-files.ts";
import { cleanMirror, discardMirror, ensureMirror, mirrorOf, touchMirror } from "./mirror.ts";
import { openFolder, openRemote, type Remote } from "./open-remote.ts";
import { type PreparedCommit, prepareCommit, readPrepared, snapshotOf } from "./prepare-commit.ts";
import { listSubmodules } from "./submodules.ts";
import { assertWithinLimits } from "./read-tree.ts";
import { collectWhole, type FetchedPart, readWhole, writeWhole } from "./whole-checkout.ts";

interface Fetching {
  readonly signal: AbortSignal;
  readonly onLine: (line: string) => void;
}

/** One repository that is fetched: the one that was asked for, or a submodule. */
interface Source {
  readonly path: string;
  readonly address: string;
  readonly commit: string;
  readonly refName: string | undefined;
  /** A folder of this machine that the person named. */
  readonly isFolder: boolean;
}

/** Null unless everything is here; a few small files are read, no process is started. */
export async function knownSnapshot(
  context: GitContext,
  repo: ResolvedRepo,
): Promise<RepoSnapshot | null> {
  const mirror = mirrorOf(context.dataDir, repo.url);
  const whole = await readWhole(mirror, repo.commit, (address) =>
    mirrorOf(context.dataDir, address),
  );
  const prepared = whole === null ? null : await readPrepared(mirror, repo.commit);
  if (prepared === null) return null;
  await touchMirror(mirror);
  return snapshotOf(prepared);
}

/** Throws what went wrong. */
export async function fetchSnapshot(
  context: GitContext,
  repo: ResolvedRepo,
  fetching: Fetching,
): Promise<RepoSnapshot> {
  const root = await fetchPart(context, fetching, {
    path: "",
    address: repo.url,
    commit: repo.commit,
    refName: repo.refName,
    isFolder: repo.provider === "local",
  });
  const whole = await collectWhole(
    root,
    async ({ url, commit }, path) => {
      try {
        const source = { path, address: url, commit, refName: undefined, isFolder: false };
        return await fetchPart(context, fetching, source);
      } catch (error) {
        throw asSubmoduleFault(error, path);
      }
    },
    { limits: context.policy, onLine: fetching.onLine },
  );
  await writeWhole(mirrorOf(context.dataDir, repo.url), repo.commit, whole);
  return snapshotOf(root.prepared);
}

async function fetchPart(
  context: GitContext,
  fetching: Fetching,
  source: Source,
): Promise<FetchedPart> {
  const { git, dataDir, policy, mirrorSlots } = context;
  const { address, commit, isFolder } = source;
  const { signal, onLine } = fetching;
  const mirror = mirrorOf(dataDir, address);
  const remote = isFolder ? openFolder(address) : await openRemote(address, policy, context.lookup);
  const release = await mirrorSlots.take(mirror.path, signal);
  try {
    await ensureMirror(mirror, address);
    const prepared =
      (await readPrepared(mirror, commit)) ??
      (await bringCommit(context, fetching, source, remote));
    const bytes = prepared.bytes + prepared.largeBytes;
    assertWithinLimits({ bytes, files: prepared.files.length }, policy);
    const large = { mirror, remote, commit, signal, onLine, timeoutMs: policy.fetchTimeoutMs };
    const hasLfs = prepared.largeBytes > 0 && (await fetchLargeFiles(git, large));
    const base = isFolder ? await originOf(context, address, signal) : address;
    const list = await listSubmodules(git, prepared.files, { mirror, commit, base, signal });
    const isReachable = !isFolder && !address.startsWith("file:");
    const part = {
      path: source.path,
      address,
      commit,
      hasLfs,
      remoteUrl: isReachable ? address : null,
    };
    return { ...list, part, prepared };
  } finally {
    release();
  }
}

async function bringCommit(
  context: GitContext,
  fetching: Fetching,
  source: Source,
  remote: Remote,
): Promise<PreparedCommit> {
  const { git, policy } = context;
  const { commit } = source;
  const { signal } = fetching;
  const mirror = mirrorOf(context.dataDir, source.address);
  await cleanMirror(mirror);
  try {
    if (!(await hasCommit(git, mirror, commit, signal))) {
      await download(context, fetching, source, remote);
    }
    return await prepareCommit(git, { ...policy, mirror, commit, signal });
  } catch (error) {
    if (failureOf(error).code === "repo-too-large") await discardMirror(mirror);
    throw error;
  }
}

async function download(
  { git, dataDir, policy, lookup }: GitContext,
  { signal, onLine }: Fetching,
  { address, commit, refName, isFolder }: Source,
  remote: Remote,
): Promise<void> {
  onLine(`Fetching ${commit.slice(0, 12)} from ${isFolder ? "the folder" : address}`);
  await fetchCommit(git, {
    mirror: mirrorOf(dataDir, address),
    remote,
    commit,
    refName,
    maxRepoBytes: policy.maxRepoBytes,
    timeoutMs: policy.fetchTimeoutMs,
    signal,
    onLine,
    follow: (moved) => followRedirect(moved, { policy, lookup, signal }),
  });
}

/** Relative addresses of submodules begin where a folder was cloned from, if anywhere. */
async function originOf({ git }: GitContext, folder: string, signal: AbortSignal): Promise<string> {
  const outcome = await git.run({
    args: ["config", "--get", "remote.origin.url"],
    cwd: folder,
    signal,
    timeoutMs: 10_000,
  });
  const url = outcome.kind === "exited" ? outcome.output.toString().trim() : "";
  return url === "" ? `file://${folder.split("/").map(encodeURIComponent).join("/")}` : url;
}

function asSubmoduleFault(error: unknown, path: string): unknown {
  if (!(error instanceof AppError)) return error;
  const { code, message, detail } = error.failure;
  return new AppError(code, `The submodule ${path}: ${message}`, {
    cause: error.cause,
    detail: { ...detail, file: detail?.file ?? path },
  });
}
