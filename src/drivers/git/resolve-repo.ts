/** From a repo to its commit: by `ls-remote`, or for a folder by its content as it is now. */
import { MIB } from "#base/units.ts";
import { AppError } from "#core/errors.ts";
import { isFullHash } from "#core/repo/ref-name.ts";
import type { Repo, ResolvedRepo } from "#core/repo/repo.ts";
import { parseLsRemote, resolveRef } from "#core/repo/resolve-ref.ts";
import { followRedirect } from "./follow-redirect.ts";
import { gitFault, isRedirect } from "./git-failure.ts";
import type { GitContext } from "./git-context.ts";
import { stoppedFault } from "./git-tool.ts";
import { ensureMirror, mirrorOf } from "./mirror.ts";
import { openFolder, openRemote, type Remote } from "./open-remote.ts";
import { folderKind, writeWorkingTree } from "./working-tree.ts";

const LISTING_BYTES_MAX = 64 * MIB;

export interface Resolved {
  readonly kind: "resolved";
  readonly repo: ResolvedRepo;
  readonly note?: string;
}

/** Throws what went wrong. */
export async function resolveRepo(
  context: GitContext,
  repo: Repo,
  signal: AbortSignal,
): Promise<Resolved> {
  const isLocal = repo.provider === "local";
  if (isLocal && !context.policy.allowLocalRepos) {
    throw new AppError(
      "host-refused",
      "Folders of the machine that runs Bindery are not allowed here.",
    );
  }
  const folder = isLocal ? await folderOf(repo) : null;
  if (folder === "folder" || (folder === "work-tree" && repo.ref === null)) {
    return resolved(repo, { commit: await snapshot(context, repo, signal) });
  }
  const remote = isLocal
    ? openFolder(repo.url)
    : await openRemote(repo.url, context.policy, context.lookup);
  if (repo.ref !== null && isFullHash(repo.ref)) {
    return resolved(repo, { commit: repo.ref.toLowerCase() });
  }
  const listing = await listRefs(context, remote, signal);
  const outcome = resolveRef(parseLsRemote(listing), repo);
  if (outcome.kind === "failed") {
    const { code, message, detail } = outcome.failure;
    throw new AppError(code, message, detail === undefined ? {} : { detail });
  }
  const { path: _asGiven, ...rest } = repo;
  const withPath = outcome.path === null ? rest : { ...rest, path: outcome.path };
  const found = outcome.name === null ? {} : { refName: outcome.name };
  const done = resolved({ ...withPath, ref: outcome.ref }, { commit: outcome.commit, ...found });
  return outcome.note === null ? done : { ...done, note: outcome.note };
}

function resolved(repo: Repo, found: Pick<ResolvedRepo, "commit" | "refName">): Resolved {
  return { kind: "resolved", repo: { ...repo, ...found } };
}

async function folderOf(repo: Repo) {
  const kind = await folderKind(repo.url);
  if (kind === null) {
    throw new AppError(
      "repo-not-found",
      `There is no folder ${repo.url} on the machine that runs Bindery.`,
    );
  }
  if (kind === "folder" && repo.ref !== null) {
    const message = `The folder is not a Git repository: it has no branch, tag or commit "${repo.ref}".`;
    throw new AppError("ref-not-found", message);
  }
  return kind;
}

async function snapshot(context: GitContext, repo: Repo, signal: AbortSignal): Promise<string> {
  const mirror = mirrorOf(context.dataDir, repo.url);
  const release = await context.mirrorSlots.take(mirror.path, signal);
  try {
    await ensureMirror(mirror, repo.url);
    const { maxRepoBytes, maxRepoFiles } = context.policy;
    return await writeWorkingTree(context.git, {
      folder: repo.url,
      mirror,
      dataDir: context.dataDir,
      maxRepoBytes,
      maxRepoFiles,
      signal,
    });
  } finally {
    release();
  }
}

async function listRefs(
  { git, policy, lookup, dataDir }: GitContext,
  remote: Remote,
  signal: AbortSignal,
): Promise<string> {
  const list = async ({ args, url, config, env }: Remote) =>
    await git.run({
      args: ["ls-remote", "--symref", ...args, "--", url],
      cwd: dataDir,
      config,
      env,
      signal,
      timeoutMs: policy.resolveTimeoutMs,
      outputBytesMax: LISTING_BYTES_MAX,
    });
  let outcome = await list(remote);
  const isMoved = outcome.kind === "exited" && outcome.code !== 0 && isRedirect(outcome.errors);
  if (isMoved && remote.pinned !== null) {
    outcome = await list(await followRedirect(remote, { policy, lookup, signal }));
  }
  if (outcome.kind === "stopped") throw stoppedFault(outcome.because);
  if (outcome.code !== 0) throw gitFault(outcome.errors);
  return outcome.output.toString("utf8");
}
