/** The files that describe a Python environment, and which of them decides. */
import { configurationPath } from "./configuration-directory.ts";
import { decidePyproject } from "./decide-pyproject.ts";
import { repositoryDigest } from "./environment-key.ts";
import type { PlanFile } from "./plan.ts";
import { readPyproject } from "./pyproject.ts";
import type { Pyproject } from "./pyproject.ts";
import { choosePython } from "./python-version.ts";
import type { ChosenPython } from "./python-version.ts";
import { readPythonWish } from "./python-wish.ts";
import { nothingWanted, readRequirements } from "./requirements-files.ts";
import type { Wanted, WantedProject } from "./requirements-files.ts";
import type { RepoTree } from "./repo-tree.ts";
import type { Requirement } from "./requirement.ts";
import { sha256 } from "./sha256.ts";

export interface LockFiles {
  readonly directory: string;
  readonly digest: string;
  readonly files: readonly string[];
}

export interface PythonFiles {
  readonly chosen: ChosenPython;
  readonly versionFiles: readonly string[];
  readonly lock: LockFiles | null;
  /** Installed first. */
  readonly wanted: Wanted;
  /** Installed after it, as pip would before the project itself; may change what was installed. */
  readonly ofProject: Wanted;
  readonly projects: readonly WantedProject[];
  /** The lock names directories of the repository, so that installing it runs their code. */
  readonly lockRunsCode: boolean;
  /** What is asked for by name, not what comes along. */
  readonly direct: readonly Requirement[];
}

/**
 * Reads them all and notes each in `files`. `isComplete`: something other than these files says what
 * to install. Throws the refusal of a file that cannot be used.
 */
export function readPythonFiles(
  tree: RepoTree,
  place: {
    readonly directory: string;
    readonly pythons: readonly string[];
    readonly isComplete: boolean;
    readonly files: PlanFile[];
  },
): PythonFiles & { readonly decides: boolean } {
  const { directory, files } = place;
  const wish = readPythonWish(tree, directory, files);
  const requirements = readRequirementsFile(tree, directory, files);
  const pyproject = readPyproject(tree, configurationPath(directory, "pyproject.toml"));
  const decided = decidePyproject(tree, {
    ...place,
    pyproject,
    hasRequirements: requirements !== null,
  });
  const dependencies =
    pyproject !== null && decided.installs === "dependencies"
      ? pyproject.wanted(tree)
      : nothingWanted();
  const lock =
    pyproject !== null && decided.installs === "lock"
      ? lockFiles(tree, directory, pyproject)
      : null;
  const requires = decided.usesVersion ? (pyproject?.requiresPython ?? null) : null;

  const wanted = requirements ?? dependencies;
  const ofProject = requirements === null ? nothingWanted() : dependencies;
  const projects = mergeProjects([
    ...wanted.projects,
    ...ofProject.projects,
    ...(decided.buildsProject ? [rootProject(directory)] : []),
  ]);
  const named = [...wanted.packages, ...ofProject.packages].flatMap((one) => one.requirement ?? []);
  return {
    chosen: choosePython(wish, requires, place.pythons),
    versionFiles: [...new Set([wish?.file, requires?.file])].filter((file) => file !== undefined),
    lock,
    wanted,
    ofProject,
    projects,
    lockRunsCode: lock !== null && pyproject?.hasLocalSources === true,
    direct: lock === null ? named : [...named, ...(pyproject?.direct ?? [])],
    decides: requirements !== null || decided.installs !== "nothing" || decided.buildsProject,
  };
}

function readRequirementsFile(tree: RepoTree, directory: string, files: PlanFile[]): Wanted | null {
  const path = configurationPath(directory, "requirements.txt");
  if (tree.lookup(path).kind === "missing") return null;
  const wanted = readRequirements(tree, path);
  for (const file of wanted.files) {
    const because = file === path ? "it says what to install" : "a requirements file includes it";
    files.push({ path: file, verdict: "used", because });
  }
  return wanted;
}

function lockFiles(tree: RepoTree, directory: string, pyproject: Pyproject): LockFiles {
  const path = configurationPath(directory, "uv.lock");
  const lock = tree.lookup(path);
  const real = lock.kind === "file" ? lock.path : path;
  const digest = repositoryDigest(tree.files, (file) => file === real);
  return {
    directory,
    digest: sha256(JSON.stringify([directory, digest, pyproject.lockInputs])),
    files: [path, pyproject.file],
  };
}

function rootProject(directory: string): WantedProject {
  const source = { file: configurationPath(directory, "pyproject.toml"), line: 1 };
  return { source, directory, extras: [], isEditable: false, marker: null };
}

/** One of each directory: an editable one wins, extras add up. */
function mergeProjects(projects: readonly WantedProject[]): WantedProject[] {
  const merged = new Map<string, WantedProject>();
  for (const project of projects) {
    const name = JSON.stringify([project.directory, project.marker]);
    const known = merged.get(name) ?? project;
    merged.set(name, {
      ...known,
      isEditable: known.isEditable || project.isEditable,
      extras: [...new Set([...known.extras, ...project.extras])].sort(),
    });
  }
  return [...merged.values()];
}
