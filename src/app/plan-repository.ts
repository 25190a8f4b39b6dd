/** Reads one repository and plans it, without a server: for the commands that only look. */
import { chmod, mkdir, mkdtemp, realpath, rm, stat } from "node:fs/promises";
import { arch, platform, tmpdir } from "node:os";
import { join } from "node:path";
import { AppError, type Failure } from "#core/errors.ts";
import type { PlanOutcome } from "#core/environment/plan.ts";
import { planEnvironment, type PlanOptions } from "#core/environment/plan-environment.ts";
import { parseRepo } from "#core/repo/parse-repo.ts";
import type { Repo, RepoSnapshot, ResolvedRepo } from "#core/repo/repo.ts";
import { createGitRepoSource } from "#drivers/git/git-repo-source.ts";
import { findLocalSteps, findR } from "#drivers/local/build/local-steps.ts";
import { readServerVersions } from "#drivers/local/jupyter/server-versions.ts";
import { choosePython } from "#drivers/local/tools/ensure-python.ts";
import { findPythons, type PythonInterpreter } from "#drivers/local/tools/pythons.ts";
import type { Log } from "#ports/log.ts";
import type { Config, Environment } from "./config.ts";

export interface PlannedRepository {
  readonly repo: ResolvedRepo;
  readonly snapshot: RepoSnapshot;
  readonly outcome: PlanOutcome;
  /** What a person should know of how the ref was understood. */
  readonly note: string | null;
  /** Writes the repository's content into an empty directory. */
  checkout(directory: string): Promise<void>;
}

export interface PlanWish {
  readonly config: Config;
  readonly environment: Environment;
  readonly repo: Repo;
  /** A folder of the repository that is taken for the whole; null for all of it. */
  readonly subdirectory?: string | null;
  /** `2024-01-31`, or null for today. */
  readonly asOf: string | null;
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly onLine: (line: string) => void;
}

/** `use` gets the plan while the repository's content is at hand. Throws the failure of reading it. */
export async function planRepository<T>(
  wish: PlanWish,
  use: (planned: PlannedRepository) => Promise<T>,
): Promise<T> {
  const { config, environment, log, signal } = wish;
  const env = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined),
  ) as Record<string, string>;
  // A place of its own: a server may be working in the data directory.
  const place = await mkdtemp(join(tmpdir(), "bindery-plan-"));
  await chmod(place, 0o700);
  try {
    const source = createGitRepoSource({ dataDir: place, policy: config.policy, log, env });
    const resolved = await source.resolve(wish.repo, signal);
    if (resolved.kind === "failed") throw asError(resolved.failure);
    const { repo, note = null } = resolved;
    const options = { signal, onLine: wish.onLine };
    const [fetched, planOptions] = await Promise.all([
      source.fetch(repo, options),
      machineOptions(config, env),
    ]);
    if (fetched.kind === "failed") throw asError(fetched.failure);
    const checkout = (directory: string) => source.checkout(repo, directory, signal);
    const { subdirectory = null } = wish;
    if (subdirectory !== null) {
      const folder = await folderOf(place, subdirectory, checkout);
      const part = { ...wish, subdirectory: null, repo: localFolder(folder) };
      return await planRepository(part, (planned) =>
        use({ ...planned, repo: { ...repo, path: subdirectory }, note }),
      );
    }
    const { snapshot } = fetched;
    const outcome = planEnvironment(snapshot, { ...planOptions, asOf: wish.asOf });
    return await use({ repo, snapshot, outcome, note, checkout });
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}

async function folderOf(
  place: string,
  subdirectory: string,
  checkout: (directory: string) => Promise<void>,
): Promise<string> {
  const content = join(place, "content");
  await mkdir(content);
  await checkout(content);
  const folder = await realpath(join(content, subdirectory)).catch(() => "");
  const root = await realpath(content);
  if (folder.startsWith(`${root}/`) && (await stat(folder)).isDirectory()) return folder;
  throw new AppError("config-invalid", `The repository has no folder ${subdirectory}.`, {
    detail: { file: subdirectory },
  });
}

function localFolder(path: string): Repo {
  const parsed = parseRepo(path);
  if (parsed.kind === "parsed") return parsed.repo;
  throw asError(parsed.failure);
}

/** As the server of the same configuration plans. */
async function machineOptions(config: Config, env: Record<string, string>): Promise<PlanOptions> {
  const own = process.getuid?.() ?? 0;
  const userId = own === 0 ? config.sandboxUid : own;
  const [{ interpreters }, localSteps, r] = await Promise.all([
    findPythons({ dataDirectory: config.dataDir, env, userId }),
    findLocalSteps({ isolation: config.isolation, hasOverlays: true }),
    findR(),
  ]);
  return {
    platform: `${platform()}-${arch()}`,
    pythons: defaultFirst(interpreters),
    genericServer: readServerVersions(),
    maxConfigFileBytes: config.policy.maxConfigFileBytes,
    ...{ localSteps, r },
  };
}

/** Full versions, the one that is taken where a repository asks for none first. */
export function defaultFirst(interpreters: readonly PythonInterpreter[]): string[] {
  const preferred = choosePython(interpreters, null)?.version;
  const versions = interpreters.map(({ version }) => version);
  return versions.toSorted((a, b) => Number(b === preferred) - Number(a === preferred));
}

function asError({ code, message, detail }: Failure): AppError {
  return new AppError(code, message, detail === undefined ? {} : { detail });
}
