/** Reads a repository and decides what must be installed: pure, and the same for everyone. */
import { AppError, type Failure, failure } from "../errors.ts";
import type { RepoSnapshot } from "../repo/repo.ts";
import { configurationDirectory, noteFilesOutside } from "./configuration-directory.ts";
import { decideEngine, LOCAL_STEP_KINDS } from "./decide-engine.ts";
import { repositoryDigest } from "./digests.ts";
import { environmentKey } from "./environment-key.ts";
import type { Plan, PlanFile, PlanOutcome, PlanStep, PlanStepKind } from "./plan.ts";
import { readParts } from "./plan-parts.ts";
import type { Reading } from "./reading.ts";
import { openTree } from "./repo-tree.ts";
import type { RepoTree } from "./repo-tree.ts";
import { isDay } from "./runtime.ts";
import { sessionPath, sessionVariables } from "./session-variables.ts";

/** What the planner must know of the machine that will build; all of it is given, nothing is asked. */
export interface PlanOptions {
  /** Operating system and architecture that packages are chosen for, e.g. `linux-x86_64`. */
  readonly platform: string;
  /** Full versions of the interpreters that are here, the default one first. */
  readonly pythons: readonly string[];
  /** Full version of the R that is here with its kernel, or null; absent for none. */
  readonly r?: string | null;
  /** What the shared server has: `jupyterlab`, `notebook`, `jupyter-server` … and their versions. */
  readonly genericServer: Readonly<Record<string, string>>;
  readonly maxConfigFileBytes: number;
  /** Resolve as on this day, `2024-01-31`; absent or null for today. */
  readonly asOf?: string | null;
  /** What this machine can do without a container builder; by default what it always can. */
  readonly localSteps?: ReadonlySet<PlanStepKind>;
}

/** The plan, or why there is none. Never throws for what a repository holds. */
export function planEnvironment(snapshot: RepoSnapshot, options: PlanOptions): PlanOutcome {
  const tree = openTree(snapshot, options.maxConfigFileBytes);
  const files: PlanFile[] = [];
  if (options.asOf !== undefined && options.asOf !== null && !isDay(options.asOf)) {
    return refused(failure("request-invalid", "The day must look like 2024-01-31."), files);
  }
  try {
    const plan = planTree(tree, options, files);
    const unread = [...tree.wanted][0];
    if (unread === undefined) return { kind: "planned", plan };
    const detail = { file: unread };
    return refused(failure("config-invalid", `${unread} could not be read.`, detail), files);
  } catch (error) {
    if (error instanceof AppError) return refused(error.failure, files);
    throw error;
  }
}

function refused(problem: Failure, files: readonly PlanFile[]): PlanOutcome {
  const file = problem.detail?.file;
  const others = files.filter(({ path }) => path !== file);
  const unusable: PlanFile[] =
    file === undefined ? [] : [{ path: file, verdict: "unusable", because: problem.message }];
  return { kind: "refused", failure: problem, files: sorted([...others, ...unusable]) };
}

function sorted(files: readonly PlanFile[]): PlanFile[] {
  return [...files].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/**
 * Paths of the files (never of links) whose contents the planner would read next and which the
 * snapshot does not hold yet. Whoever fills the snapshot adds them and asks again until none is left.
 * Each answer names new files only, and none larger than the limit.
 */
export function filesWanted(
  snapshot: RepoSnapshot,
  options: Pick<PlanOptions, "maxConfigFileBytes">,
): readonly string[] {
  const tree = openTree(snapshot, options.maxConfigFileBytes);
  // Every version, so that none that is not here ends the reading.
  const pythons = ["3.12.0", ...Array.from({ length: 16 }, (_, minor) => `3.${minor}.0`), "2.7.0"];
  const anything = { ...options, platform: "", pythons, genericServer: {} };
  try {
    planTree(tree, anything, []);
  } catch (error) {
    // What is wrong with the files is said when the plan is made.
    if (!(error instanceof AppError)) throw error;
  }
  return [...tree.wanted];
}

function planTree(tree: RepoTree, options: PlanOptions, files: PlanFile[]): Plan {
  const directory = configurationDirectory(tree);
  const { platform, localSteps = LOCAL_STEP_KINDS } = options;
  const asOf = options.asOf ?? null;
  const reading: Reading = { tree, directory, platform, asOf, files, differs: [] };
  const parts = readParts(reading, options);
  noteFilesOutside(tree, directory, files);
  const { server, start, steps } = parts;
  const runsRepositoryCode = steps.some((step) => step.files.includes("."));
  return {
    binderDirectory: directory,
    steps,
    engine: decideEngine(steps, { local: localSteps, r: options.r ?? null }),
    files: sorted(files),
    ...{ server, start },
    environmentVariables: { ...sessionVariables(steps), ...parts.variables },
    path: sessionPath(steps),
    runsRepositoryCode,
    coldStartBecause: whyColdStart(tree, { server, start, steps }),
    differsFromRepo2docker: [...new Set(reading.differs)],
    asOf,
    ...environmentKey({
      ...{ platform, steps, server: server.kind },
      lock: parts.lock,
      more: [...parts.inputs, ...(asOf === null ? [] : [{ name: "as of", value: asOf }])],
      repository: repositoryRead(tree, steps),
    }),
  };
}

/** What of the repository's content the key must cover, beyond the configuration files. */
function repositoryRead(tree: RepoTree, steps: readonly PlanStep[]) {
  if (steps.some((step) => step.files.includes("."))) {
    const because = "code of the repository runs in the build, and it can read every file";
    return { because, digest: repositoryDigest(tree.files) };
  }
  const paths = steps
    .flatMap((step): readonly string[] => {
      if (step.kind === "archive") return [step.path];
      if (step.kind !== "packages") return [];
      const links = step.options.filter(({ name }) => name === "find-links");
      return links.map(({ value }) => value ?? "");
    })
    .filter((path) => !path.includes("://"));
  if (paths.length === 0) return null;
  const isRead = (path: string) =>
    paths.some((read) => read === "" || path === read || path.startsWith(`${read}/`));
  return { because: "archives in the repository", digest: repositoryDigest(tree.files, isRead) };
}

function whyColdStart(
  tree: RepoTree,
  { server, start, steps }: Pick<Plan, "server" | "start" | "steps">,
): string | null {
  if (start !== null) return `${start} starts the session in its own way`;
  if (server.kind === "environment") return server.because;
  const apt = steps.find(({ kind }) => kind === "apt");
  if (apt !== undefined)
    return `${apt.files[0]} is installed over the system, before anything runs`;
  const own = tree
    .names("")
    .find((name) => name === ".jupyter" || /^jupyter_.*config\.(?:py|json)$/.test(name));
  return own === undefined ? null : `${own} configures the Jupyter server`;
}
