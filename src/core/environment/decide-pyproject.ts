/** What pyproject.toml, uv.lock, setup.py and setup.cfg are good for beside one another. */
import { AppError } from "../errors.ts";
import { configurationPath } from "./configuration-directory.ts";
import type { PlanFile } from "./plan.ts";
import type { Pyproject } from "./pyproject.ts";
import type { RepoTree } from "./repo-tree.ts";

export interface PyprojectDecision {
  readonly installs: "nothing" | "dependencies" | "lock";
  /** The configuration directory itself is installed as a package. */
  readonly buildsProject: boolean;
  readonly usesVersion: boolean;
}

interface Place {
  readonly directory: string;
  readonly pyproject: Pyproject | null;
  readonly hasRequirements: boolean;
  readonly isComplete: boolean;
  readonly files: PlanFile[];
}

const NOTHING: PyprojectDecision = {
  installs: "nothing",
  buildsProject: false,
  usesVersion: false,
};

/** Notes each of the four files, or throws `config-unsupported` for one that cannot be left out. */
export function decidePyproject(tree: RepoTree, place: Place): PyprojectDecision {
  const hasSetup = noteSetup(tree, place);
  const isComplete = place.isComplete || place.hasRequirements || hasSetup;
  const decision = decide(tree, { ...place, isComplete });
  noteSetupConfig(tree, place, { isComplete, isBuilt: hasSetup || decision.buildsProject });
  return { ...decision, buildsProject: decision.buildsProject || hasSetup };
}

function decide(tree: RepoTree, place: Place): PyprojectDecision {
  const { pyproject } = place;
  const lock = configurationPath(place.directory, "uv.lock");
  const hasLock = tree.lookup(lock).kind === "file";
  if (pyproject === null) {
    if (hasLock) passOver(place, lock, "it means something beside pyproject.toml only");
    return NOTHING;
  }
  if (place.hasRequirements) {
    if (hasLock) note(place, lock, "ignored", "requirements.txt decides, as in repo2docker");
    return besideRequirements(place, pyproject);
  }
  if (
    pyproject.foreignTool !== null &&
    !(pyproject.foreignTool === "pixi" && pyproject.isPackage)
  ) {
    passOver(
      place,
      pyproject.file,
      `only ${pyproject.foreignTool} reads [tool.${pyproject.foreignTool}]`,
    );
    if (hasLock) note(place, lock, "ignored", "pyproject.toml has no [project]");
    return NOTHING;
  }
  if (!pyproject.isProject) {
    if (hasLock) passOver(place, lock, "pyproject.toml has no [project]");
    note(place, pyproject.file, "ignored", "it holds settings of tools only");
    return NOTHING;
  }
  const buildsProject = pyproject.isPackage;
  if (hasLock) {
    note(place, pyproject.file, "used", "the lock beside it belongs to it");
    note(place, lock, "used", "it says exactly what to install");
    return { installs: "lock", buildsProject, usesVersion: true };
  }
  const because = buildsProject
    ? "the project and what it depends on are installed"
    : "what [project] depends on is installed; there is no [build-system] to install it itself";
  note(place, pyproject.file, "used", because);
  return { installs: "dependencies", buildsProject, usesVersion: true };
}

function besideRequirements(place: Place, pyproject: Pyproject): PyprojectDecision {
  if (place.directory !== "") {
    note(place, pyproject.file, "ignored", "requirements.txt decides, as in repo2docker");
    return NOTHING;
  }
  if (!pyproject.isPackage) {
    const because = "requirements.txt decides, as in repo2docker, and there is no [build-system]";
    note(place, pyproject.file, "ignored", because);
    return { ...NOTHING, usesVersion: true };
  }
  note(place, pyproject.file, "used", "the project is installed after requirements.txt");
  return { installs: "dependencies", buildsProject: true, usesVersion: true };
}

function noteSetup(tree: RepoTree, place: Place): boolean {
  const path = configurationPath(place.directory, "setup.py");
  if (tree.lookup(path).kind !== "file") return false;
  if (place.directory !== "") {
    note(place, path, "ignored", "it counts in the root only");
    return false;
  }
  note(place, path, "used", "the project is installed");
  return true;
}

function noteSetupConfig(
  tree: RepoTree,
  place: Place,
  rest: { readonly isComplete: boolean; readonly isBuilt: boolean },
): void {
  const path = configurationPath(place.directory, "setup.cfg");
  if (tree.lookup(path).kind !== "file") return;
  if (rest.isBuilt) note(place, path, "used", "the project's build reads it");
  else if (/^\[options\]/m.test(tree.read(path) ?? "")) {
    passOver(
      { ...place, isComplete: rest.isComplete },
      path,
      "without setup.py or pyproject.toml pip cannot install it",
    );
  } else note(place, path, "ignored", "it holds settings of tools only");
}

function passOver(place: Place, path: string, because: string): void {
  if (place.isComplete) return note(place, path, "ignored", `${because}; another file decides`);
  throw new AppError("config-unsupported", `${path} cannot be built here yet: ${because}.`, {
    detail: { file: path },
  });
}

function note(place: Place, path: string, verdict: PlanFile["verdict"], because: string): void {
  place.files.push({ path, verdict, because });
}
