/** Repositories by Git: the driver of the repo-source port. */
import { lookup as lookUpName } from "node:dns/promises";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { AppError, type Failure, failure, failureOf } from "#core/errors.ts";
import type { Policy } from "#core/policy.ts";
import type { Repo, ResolvedRepo } from "#core/repo/repo.ts";
import type { Log } from "#ports/log.ts";
import type { RepoSource } from "#ports/repo-source.ts";
import { checkOut, type Owner } from "./checkout.ts";
import { fetchSnapshot, knownSnapshot } from "./fetch-whole.ts";
import type { GitContext } from "./git-context.ts";
import { createGitTool } from "./git-tool.ts";
import type { Environment } from "./git-environment.ts";
import { mirrorOf } from "./mirror.ts";
import type { Lookup } from "./open-remote.ts";
import { pruneMirrors } from "./prune-mirrors.ts";
import { resolveRepo } from "./resolve-repo.ts";
import { createKeyedSlots, createRounds, createSlots } from "./slots.ts";
import { readWhole } from "./whole-checkout.ts";

/** Git processes at once, so that a crowd does not take the whole machine. */
const RESOLVES_MAX = 16;
const FETCHES_MAX = 4;
const CHECKOUTS_MAX = 8;

export interface GitRepoSourceOptions {
  /** Mirrors are kept in its folder `mirrors`. */
  readonly dataDir: string;
  readonly policy: Policy;
  readonly log: Log;
  /** What Git may see of it: PATH, HOME, proxies, credentials helpers, ssh agent. */
  readonly env: Environment;
  /** Who gets the files of a checkout; needs root. */
  readonly owner?: Owner;
  /** All addresses of a name; the system's own when absent. */
  readonly lookup?: Lookup;
}

export function createGitRepoSource(options: GitRepoSourceOptions): RepoSource {
  const { dataDir, policy, log } = options;
  const context: GitContext = {
    dataDir,
    policy,
    log,
    git: createGitTool(options.env),
    lookup: options.lookup ?? ((host) => lookUpName(host, { all: true, verbatim: true })),
    mirrorSlots: createKeyedSlots(),
  };
  const resolves = createSlots(RESOLVES_MAX);
  const fetches = createSlots(FETCHES_MAX);
  const checkouts = createSlots(CHECKOUTS_MAX);
  const prune = createPruning(options);
  const rounds = createRounds<Awaited<ReturnType<typeof resolveRepo>>>();
  const mirrorOfPart = (address: string) => mirrorOf(dataDir, address);

  return {
    async resolve(repo, signal) {
      const key = JSON.stringify([repo.provider, repo.url, repo.ref, repo.path ?? null]);
      return await asOutcome({ log, repo, signal }, () =>
        rounds.join(key, signal, (ofRound) =>
          holding(resolves, ofRound, async () => {
            await mkdir(join(dataDir, "mirrors"), { recursive: true });
            return await resolveRepo(context, repo, ofRound);
          }),
        ),
      );
    },

    async fetch(repo, { signal, onLine }) {
      return await asOutcome({ log, repo, signal }, async () => {
        const known = await knownSnapshot(context, repo);
        if (known !== null) return { kind: "fetched" as const, snapshot: known };
        const work = () => fetchSnapshot(context, repo, { signal, onLine });
        const snapshot = await holding(fetches, signal, work);
        prune();
        return { kind: "fetched" as const, snapshot };
      });
    },

    async checkout(repo, directory, signal) {
      const mirror = mirrorOf(dataDir, repo.url);
      const whole = await readWhole(mirror, repo.commit, mirrorOfPart);
      if (whole === null) {
        const message = "The repository's content is not here (any more): launch again.";
        throw new AppError("repo-unreachable", message);
      }
      const owner = options.owner ?? null;
      const work = () =>
        checkOut(context.git, { repo, whole, directory, owner, mirrorOfPart, signal });
      try {
        await holding(checkouts, signal, work);
      } catch (error) {
        throw signal.aborted ? new AppError("launch-cancelled") : error;
      }
    },
  };
}

/** Looks after the mirrors' size beside the work, at most once in the interval. */
function createPruning({ dataDir, policy, log }: GitRepoSourceOptions): () => void {
  let nextAtMs = 0;
  return () => {
    const nowMs = Date.now();
    if (nowMs < nextAtMs) return;
    nextAtMs = nowMs + policy.pruneIntervalMs;
    pruneMirrors({ dataDir, bytesMax: policy.mirrorsMaxBytes, nowMs }).then(
      (freedBytes) => {
        if (freedBytes > 0) log.info("repository: mirrors pruned", { freedBytes });
      },
      (error: unknown) => log.warn("repository: mirrors could not be pruned", { error }),
    );
  };
}

async function holding<T>(
  slots: ReturnType<typeof createSlots>,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  const release = await slots.take(signal);
  try {
    return await work();
  } finally {
    release();
  }
}

/** Faults become values; the operator's log gets their cause. */
async function asOutcome<T>(
  { log, repo, signal }: { log: Log; repo: Repo | ResolvedRepo; signal: AbortSignal },
  work: () => Promise<T>,
): Promise<T | { readonly kind: "failed"; readonly failure: Failure }> {
  try {
    return await work();
  } catch (error) {
    if (signal.aborted) return { kind: "failed", failure: failure("launch-cancelled") };
    const reason = failureOf(error);
    const cause = error instanceof AppError ? error.cause : error;
    const fields = { url: repo.url, ref: repo.ref, code: reason.code, error: cause };
    if (reason.code === "internal") log.error("repository: unexpected fault", fields);
    else log.info("repository: failed", fields);
    return { kind: "failed", failure: reason };
  }
}
