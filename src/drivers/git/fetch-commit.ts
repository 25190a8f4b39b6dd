/** Brings one commit into its mirror, one deep, and stops a download that grows past the limit. */
import { join } from "node:path";
import { AppError } from "#core/errors.ts";
import { gitFault, isDepthRefused, isHashRefused, isRedirect } from "./git-failure.ts";
import { type GitTool, stoppedFault } from "./git-tool.ts";
import { exists, type Mirror, packBytes } from "./mirror.ts";
import type { Remote } from "./open-remote.ts";
import { assertWithinLimits } from "./read-tree.ts";

const WATCH_INTERVAL_MS = 200;

export interface FetchOptions {
  readonly mirror: Mirror;
  readonly remote: Remote;
  readonly commit: string;
  /** Full name of the ref that had the commit, for hosts that give no bare hash. */
  readonly refName: string | undefined;
  readonly maxRepoBytes: number;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly onLine: (line: string) => void;
  /** Finds out where the host redirects to. */
  readonly follow: (remote: Remote) => Promise<Remote>;
}

/** True when the mirror holds the object with all that belongs to it: a fetch is all or nothing. */
export async function hasCommit(
  git: GitTool,
  mirror: Mirror,
  commit: string,
  signal: AbortSignal,
): Promise<boolean> {
  const outcome = await git.run({
    args: ["cat-file", "-e", `${commit}^{tree}`],
    cwd: mirror.path,
    signal,
    timeoutMs: 10_000,
  });
  return outcome.kind === "exited" && outcome.code === 0;
}

/** Throws what went wrong. The mirror is ours alone meanwhile. */
export async function fetchCommit(git: GitTool, options: FetchOptions): Promise<void> {
  const { commit, refName, mirror, signal } = options;
  const marker = `refs/commits/${commit}`;
  const byHash = await tryFetch(git, options, ["--depth=1"], [`+${commit}:${marker}`]);
  if (byHash === null) return;
  const isKnownRefusal = isHashRefused(byHash) || isDepthRefused(byHash);
  if (!isKnownRefusal) throw gitFault(byHash);
  if (refName !== undefined && !isDepthRefused(byHash)) {
    // The ref may have moved on since it was resolved; the marker is then only a help for later.
    const byRef = await tryFetch(git, options, ["--depth=1"], [`+${refName}:${marker}`]);
    if (byRef === null && (await hasCommit(git, mirror, commit, signal))) return;
  }
  // An old host, and a commit that no ref names: the whole history holds it or nothing does.
  options.onLine("The host gives no single commits: fetching the whole history.");
  const all = ["+refs/heads/*:refs/remotes/all/*", "+refs/tags/*:refs/remotes/tags/*"];
  const isShallow = await exists(join(mirror.path, "shallow"));
  const whole = await tryFetch(git, options, isShallow ? ["--unshallow"] : [], all);
  if (whole !== null && !isHashRefused(whole)) throw gitFault(whole);
  if (await hasCommit(git, mirror, commit, signal)) return;
  throw new AppError("ref-not-found", `The repository has no commit ${commit}.`);
}

/** Null when it worked, else what Git said. */
async function tryFetch(
  git: GitTool,
  options: FetchOptions,
  depth: readonly string[],
  refspecs: readonly string[],
): Promise<string | null> {
  const first = await runFetch(git, options, options.remote, depth, refspecs);
  if (first === null || !isRedirect(first) || options.remote.pinned === null) return first;
  const moved = await options.follow(options.remote);
  return await runFetch(git, options, moved, depth, refspecs);
}

async function runFetch(
  git: GitTool,
  options: FetchOptions,
  remote: Remote,
  depth: readonly string[],
  refspecs: readonly string[],
): Promise<string | null> {
  const { mirror, maxRepoBytes, signal, onLine } = options;
  const watch = await watchSize(mirror, maxRepoBytes);
  try {
    const outcome = await git.run({
      args: [
        "fetch",
        ...remote.args,
        "--progress",
        "--no-tags",
        "--no-write-fetch-head",
        ...depth,
        "--",
        remote.url,
        ...refspecs,
      ],
      cwd: mirror.path,
      config: remote.config,
      env: remote.env,
      timeoutMs: options.timeoutMs,
      signal: AbortSignal.any([signal, watch.signal]),
      onErrorLine: progressLines(onLine),
    });
    const grownBytes = await watch.end();
    assertWithinLimits({ bytes: grownBytes, files: 0 }, { maxRepoBytes, maxRepoFiles: 0 });
    if (outcome.kind === "stopped") throw stoppedFault(outcome.because);
    return outcome.code === 0 ? null : outcome.errors;
  } finally {
    await watch.end();
  }
}

/** Aborts when the mirror's packs have grown by more than the limit. */
async function watchSize(mirror: Mirror, maxRepoBytes: number) {
  const controller = new AbortController();
  const beforeBytes = await packBytes(mirror);
  const grown = async () => (await packBytes(mirror)) - beforeBytes;
  let most = 0;
  const look = async () => {
    most = Math.max(most, await grown());
    if (most > maxRepoBytes) controller.abort();
  };
  // A failed look is made up for by the next one, and by the last one below.
  const timer = setInterval(() => void look().catch(() => undefined), WATCH_INTERVAL_MS);
  return {
    signal: controller.signal,
    async end() {
      clearInterval(timer);
      await look();
      return most;
    },
  };
}

/** Git's progress without its repetitions: a person follows it, nobody reads each percent. */
function progressLines(onLine: (line: string) => void): (line: string) => void {
  let last = "";
  return (line) => {
    const [, what = "", percent] = /^([A-Z][a-z]+ [a-z]+):\s+(\d+)%/.exec(line) ?? [];
    if (what === "") return;
    const step = `${what} ${Math.floor(Number(percent) / 25)}`;
    if (step === last) return;
    last = step;
    onLine(line);
  };
}
