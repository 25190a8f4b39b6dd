/** Reads a repository and decides what must be installed: pure, and the same for everyone. */
import { AppError, type Failure, failure } from "../errors.ts";
import type { RepoSnapshot } from "../repo/repo.ts";
import {
  configurationDirectory,
  configurationPath,
  noteFilesOutside,
} from "./configuration-directory.ts";
import { decideServer, serverPackages } from "./decide-server.ts";
import { decideEngine, LOCAL_STEP_KINDS } from "./decide-engine.ts";
import { environmentKey, repositoryDigest } from "./environment-key.ts";
import type { Plan, PlanFile, PlanOutcome, PlanServer, PlanStep, PlanStepKind } from "./plan.ts";
import { readPythonFiles } from "./python-files.ts";
import type { PythonFiles } from "./python-files.ts";
import { openTree } from "./repo-tree.ts";
import type { RepoTree } from "./repo-tree.ts";
import { noteOtherFiles, refuseDecidingFiles } from "./refuse-other-files.ts";
import type { Wanted } from "./requirements-files.ts";
import { readScript } from "./scripts.ts";
import { sessionPath, sessionVariables } from "./session-variables.ts";

/** What the planner must know of the machine that will build; all of it is given, nothing is asked. */
export interface PlanOptions {
  /** Operating system and architecture that packages are chosen for, e.g. `linux-x86_64`. */
  readonly platform: string;
  /** Full versions of the interpreters that are here, the default one first. */
  readonly pythons: readonly string[];
  /** What the shared server has: `jupyterlab`, `notebook`, `jupyter-server` … and their versions. */
  readonly genericServer: Readonly<Record<string, string>>;
  readonly maxConfigFileBytes: number;
  /** Resolve as on this day, `2024-01-31`; absent or null for today. */
  readonly asOf?: string | null;
  /** What this machine can do without a container builder; by default what it always can. */
  readonly localSteps?: ReadonlySet<PlanStepKind>;
}

/** Added to every environment, so that notebooks run, widgets show and `%pip` works. */
const KERNEL_PACKAGES = ["ipykernel", "ipywidgets", "pip"] as const;

/** The plan, or why there is none. Never throws for what a repository holds. */
export function planEnvironment(snapshot: RepoSnapshot, options: PlanOptions): PlanOutcome {
  const tree = openTree(snapshot, options.maxConfigFileBytes);
  const files: PlanFile[] = [];
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
  const anything = { ...options, platform: "", pythons: ["3.12.0"], genericServer: {} };
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
  const postBuild = readScript(tree, directory, "postBuild", files);
  const start = readScript(tree, directory, "start", files);
  refuseDecidingFiles(tree, directory);
  const isBuilt = postBuild !== null;
  const { pythons } = options;
  const python = readPythonFiles(tree, { directory, pythons, isComplete: isBuilt, files });
  noteOtherFiles(tree, { directory, isComplete: python.decides || isBuilt, files });
  noteFilesOutside(tree, directory, files);

  const server = decideServer(python.direct, options.genericServer);
  const added = [...KERNEL_PACKAGES, ...serverPackages(server, python.direct)];
  const steps = stepsOf(python, { added, postBuild, asOf: options.asOf ?? null });
  const runsRepositoryCode = isBuilt || python.projects.length > 0 || python.lockRunsCode;
  return {
    binderDirectory: directory,
    steps,
    engine: decideEngine(steps, options.localSteps ?? LOCAL_STEP_KINDS),
    files: sorted(files),
    server,
    start,
    environmentVariables: sessionVariables(steps),
    path: sessionPath(steps),
    runsRepositoryCode,
    coldStartBecause: whyColdStart(tree, server, start),
    differsFromRepo2docker: [],
    asOf: options.asOf ?? null,
    ...environmentKey({
      platform: options.platform,
      python: python.chosen.version,
      server: server.kind,
      added,
      wanted: [python.wanted, python.ofProject],
      projects: python.projects,
      lock: python.lock?.digest ?? null,
      repository: repositoryRead(tree, python, runsRepositoryCode),
      postBuild,
    }),
  };
}

function stepsOf(
  python: PythonFiles,
  rest: {
    readonly added: readonly string[];
    readonly postBuild: string | null;
    readonly asOf: string | null;
  },
): PlanStep[] {
  const { wanted, ofProject, lock, chosen } = python;
  const steps: PlanStep[] = [{ kind: "python", ...chosen, files: python.versionFiles }];
  if (lock !== null) {
    const { directory, files } = lock;
    const path = configurationPath(directory, "uv.lock");
    steps.push({
      ...{ kind: "lock", format: "uv", directory, path, files },
      ...{ requirements: [], options: [] },
    });
  }
  steps.push(packagesStep(wanted, rest));
  if (ofProject.packages.length > 0) steps.push(packagesStep(ofProject, { ...rest, added: [] }));
  for (const { path, extras, marker } of [...wanted.archives, ...ofProject.archives]) {
    steps.push({ kind: "archive", path, extras, marker, files: [path] });
  }
  for (const { directory, extras, isEditable, marker } of python.projects) {
    steps.push({ kind: "project", directory, extras, isEditable, marker, files: ["."] });
  }
  if (rest.postBuild !== null) {
    steps.push({ kind: "postBuild", path: rest.postBuild, files: [rest.postBuild, "."] });
  }
  return steps;
}

function packagesStep(
  wanted: Wanted,
  { added, asOf }: { readonly added: readonly string[]; readonly asOf: string | null },
): PlanStep {
  return {
    kind: "packages",
    requirements: wanted.packages.map(({ text }) => text),
    sources: wanted.packages.map(({ source }) => source),
    constraints: wanted.constraints.map(({ text }) => text),
    options: wanted.options,
    added,
    asOf,
    files: wanted.files,
  };
}

/** What of the repository's content the key must cover, beyond the configuration files. */
function repositoryRead(tree: RepoTree, python: PythonFiles, runsRepositoryCode: boolean) {
  if (runsRepositoryCode) {
    const because = "code of the repository runs in the build, and it can read every file";
    return { because, digest: repositoryDigest(tree.files) };
  }
  const { wanted, ofProject } = python;
  const paths = [
    ...[...wanted.archives, ...ofProject.archives].map(({ path }) => path),
    ...wanted.options.filter(({ name }) => name === "find-links").map(({ value }) => value ?? ""),
  ].filter((path) => !path.includes("://"));
  if (paths.length === 0) return null;
  const isRead = (path: string) =>
    paths.some((read) => read === "" || path === read || path.startsWith(`${read}/`));
  return { because: "archives in the repository", digest: repositoryDigest(tree.files, isRead) };
}

function whyColdStart(tree: RepoTree, server: PlanServer, start: string | null): string | null {
  if (start !== null) return `${start} starts the session in its own way`;
  if (server.kind === "environment") return server.because;
  const own = tree
    .names("")
    .find((name) => name === ".jupyter" || /^jupyter_.*config\.(?:py|json)$/.test(name));
  return own === undefined ? null : `${own} configures the Jupyter server`;
}
