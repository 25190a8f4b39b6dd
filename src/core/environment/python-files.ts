/** The files that describe a Python environment, and which of them decides. */
import { condaRequirements, type CondaFiles, findConda, readConda } from "./conda-files.ts";
import { configurationPath } from "./configuration-directory.ts";
import { decidePyproject, type PyprojectDecision } from "./decide-pyproject.ts";
import { type LockFile, readLockFile, readPipenvLock } from "./lock-files.ts";
import { readPipfile } from "./pipfile.ts";
import { type Pyproject, readPyproject } from "./pyproject.ts";
import { choosePython, type ChosenPython, type PythonWish } from "./python-version.ts";
import { readPythonWish } from "./python-wish.ts";
import { note, present, type Reading } from "./reading.ts";
import type { BuildPack } from "./repo2docker-choice.ts";
import { poetryWanted } from "./poetry.ts";
import type { Requirement } from "./requirement.ts";
import {
  nothingWanted,
  readRequirements,
  type Wanted,
  type WantedProject,
} from "./requirements-files.ts";
import { readSetupConfig } from "./setup-config.ts";

export interface PythonFiles {
  /** Null where the conda environment brings the interpreter that its files ask for. */
  readonly chosen: ChosenPython | null;
  readonly versionFiles: readonly string[];
  readonly conda: CondaFiles | null;
  readonly lock: LockFile | null;
  /** Installed first. */
  readonly wanted: Wanted;
  /** Installed after it, as pip would before the project itself; may change what was installed. */
  readonly ofProject: Wanted;
  readonly projects: readonly WantedProject[];
  /** What is asked for by name, not what comes along. */
  readonly direct: readonly Requirement[];
  /** They say what to install. */
  readonly decides: boolean;
}

export interface PythonPlace {
  readonly pythons: readonly string[];
  /** Something other than these files says what to install. */
  readonly isComplete: boolean;
  readonly pack: BuildPack;
}

/** Reads them all and notes each. Throws the refusal of a file that cannot be used. */
export function readPythonFiles(reading: Reading, place: PythonPlace): PythonFiles {
  const which = whichFiles(reading, place.pack);
  const wish = readPythonWish(reading);
  if (which === "pipfile") return pipfileFiles(reading, place, wish);
  const conda = which === "python" ? null : readConda(reading);
  if (conda !== null && which === "conda") {
    notePassedOver(reading, [...PIP_FILES, ...PIPFILES], `${conda.step.path} decides`);
  } else notePassedOver(reading, PIPFILES, "another file decides, as in repo2docker");
  const rest =
    conda !== null && which === "conda"
      ? NO_PIP_FILES
      : pipFiles(reading, { ...place, isComplete: place.isComplete || conda !== null });
  return assemble(reading, { ...rest, ...place, wish, conda });
}

const PIPFILES = ["Pipfile", "Pipfile.lock"];
const PIP_FILES = [
  ..."requirements.txt pyproject.toml uv.lock pylock.toml poetry.lock setup.py setup.cfg".split(
    " ",
  ),
];

/** Several at once only where repo2docker does so: beside Julia and R. */
function whichFiles(
  reading: Reading,
  pack: BuildPack,
): "conda" | "conda+pip" | "pipfile" | "python" {
  const has = (...names: readonly string[]) =>
    names.some((name) => present(reading, name) !== null);
  const isOther = pack === "julia" || pack === "r";
  const conda = findConda(reading);
  if (conda === "environment") return isOther ? "conda+pip" : "conda";
  const hasPip = has("requirements.txt", "setup.py");
  if (has(...PIPFILES) && !(isOther && hasPip)) return "pipfile";
  if (conda === null || hasPip || has("uv.lock", "pylock.toml")) return "python";
  const hasLock = has("pixi.toml", "pixi.lock");
  return conda === "lock" || hasLock || pack !== "python" ? "conda" : "python";
}

function notePassedOver(reading: Reading, names: readonly string[], because: string): void {
  for (const name of names) {
    const path = present(reading, name);
    if (path !== null) note(reading, path, "ignored", because);
  }
}

interface PipFiles {
  readonly requirements: Wanted | null;
  readonly dependencies: Wanted;
  readonly pyproject: Pyproject | null;
  readonly decided: PyprojectDecision | null;
  readonly lock: LockFile | null;
  readonly requires: PythonWish | null;
}

const NO_PIP_FILES: PipFiles = {
  requirements: null,
  dependencies: nothingWanted(),
  ...{ pyproject: null, decided: null, lock: null, requires: null },
};

function pipFiles(reading: Reading, { isComplete }: PythonPlace): PipFiles {
  const { tree } = reading;
  const requirements = readRequirementsFile(reading);
  const pyproject = readPyproject(tree, configurationPath(reading.directory, "pyproject.toml"));
  const hasRequirements = requirements !== null;
  const decided = decidePyproject({ reading, pyproject, hasRequirements, isComplete });
  const lock = readLockFile(reading, decided.installs, pyproject);
  const config =
    decided.installs === "setup.cfg"
      ? readSetupConfig(tree, configurationPath(reading.directory, "setup.cfg"))
      : null;
  const ofProject = decided.usesVersion ? (pyproject?.requiresPython ?? null) : null;
  return {
    ...{ requirements, pyproject, decided, lock },
    dependencies: config?.wanted ?? dependenciesOf(reading, decided, pyproject),
    requires: ofProject ?? lock?.requiresPython ?? config?.requiresPython ?? null,
  };
}

function dependenciesOf(
  { tree }: Reading,
  decided: PyprojectDecision,
  pyproject: Pyproject | null,
): Wanted {
  if (pyproject === null) return nothingWanted();
  if (decided.installs === "dependencies") return pyproject.wanted(tree, decided.groups);
  if (decided.installs !== "poetry" || pyproject.poetry === null) return nothingWanted();
  return poetryWanted(tree, pyproject.file, pyproject.poetry);
}

interface Assembly extends PipFiles, PythonPlace {
  readonly wish: PythonWish | null;
  readonly conda: CondaFiles | null;
}

function assemble(reading: Reading, parts: Assembly): PythonFiles {
  const { conda, requirements, dependencies, decided, lock, pyproject, requires, wish } = parts;
  const ofConda = conda?.pip ?? null;
  const main = requirements ?? (ofConda === null ? dependencies : nothingWanted());
  const wanted = ofConda === null ? main : merged(ofConda, main);
  const ofProject = requirements === null && ofConda === null ? nothingWanted() : dependencies;
  const locked = lock?.wanted ?? nothingWanted();
  const projects = mergeProjects([
    ...locked.projects,
    ...wanted.projects,
    ...ofProject.projects,
    ...(decided?.buildsProject === true ? [rootProject(reading.directory)] : []),
  ]);
  const named = [...wanted.packages, ...ofProject.packages].flatMap((one) => one.requirement ?? []);
  const bringsPython = conda?.specs.some(({ name }) => name === "python") ?? false;
  const isLocked = conda !== null && conda.lockDigest !== null;
  return {
    chosen: bringsPython || isLocked ? null : choosePython(wish, requires, parts.pythons),
    versionFiles: [...new Set([wish?.file, requires?.file])].filter((file) => file !== undefined),
    ...{ conda, lock, wanted, ofProject, projects },
    direct: [
      ...condaRequirements(conda?.specs ?? []),
      ...named,
      ...(lock === null ? [] : (pyproject?.direct ?? [])),
      ...locked.packages.flatMap((one) => (lock?.format === "uv" ? [] : (one.requirement ?? []))),
    ],
    decides:
      conda !== null ||
      requirements !== null ||
      (decided !== null && (decided.installs !== "nothing" || decided.buildsProject)),
  };
}

function pipfileFiles(
  reading: Reading,
  { pythons }: PythonPlace,
  wish: PythonWish | null,
): PythonFiles {
  const { tree } = reading;
  const file = present(reading, "Pipfile");
  const lock = readPipenvLock(reading);
  notePassedOver(reading, PIP_FILES, `${lock?.path ?? file ?? "Pipfile"} decides`);
  const own = file === null ? null : readPipfile(tree, file);
  if (file !== null) {
    const because = lock === null ? "it says what to install" : "the lock beside it belongs to it";
    note(reading, file, "used", because);
  }
  const python = lock?.requiresPython ?? own?.python ?? null;
  if (python !== null && wish !== null) replaceNote(reading, wish.file, `${python.file} decides`);
  const wanted = lock === null ? (own?.wanted ?? nothingWanted()) : nothingWanted();
  const locked = lock?.wanted ?? nothingWanted();
  const chosenBy = python ?? wish;
  return {
    chosen: choosePython(chosenBy, null, pythons),
    versionFiles: chosenBy === null ? [] : [chosenBy.file],
    ...{ conda: null, lock, wanted, ofProject: nothingWanted() },
    projects: mergeProjects([...wanted.projects, ...locked.projects]),
    direct: [...wanted.packages, ...locked.packages].flatMap((one) => one.requirement ?? []),
    decides: true,
  };
}

function replaceNote({ files }: Reading, path: string, because: string): void {
  const at = files.findIndex((file) => file.path === path);
  if (at >= 0) files[at] = { path, verdict: "ignored", because };
}

function readRequirementsFile(reading: Reading): Wanted | null {
  const { tree } = reading;
  const path = configurationPath(reading.directory, "requirements.txt");
  if (tree.lookup(path).kind === "missing") return null;
  const wanted = readRequirements(tree, path);
  for (const file of wanted.files) {
    const because = file === path ? "it says what to install" : "a requirements file includes it";
    note(reading, file, "used", because);
  }
  return wanted;
}

function rootProject(directory: string): WantedProject {
  const source = { file: configurationPath(directory, "pyproject.toml"), line: 1 };
  return { source, directory, extras: [], isEditable: false, marker: null };
}

function merged(first: Wanted, second: Wanted): Wanted {
  const both = nothingWanted();
  for (const wanted of [first, second]) {
    both.packages.push(...wanted.packages);
    both.constraints.push(...wanted.constraints);
    both.projects.push(...wanted.projects);
    both.archives.push(...wanted.archives);
    both.options.push(...wanted.options);
    both.files.push(...wanted.files);
  }
  return both;
}

/** One of each directory: an editable one wins, extras add up. */
function mergeProjects(projects: readonly WantedProject[]): WantedProject[] {
  const found = new Map<string, WantedProject>();
  for (const project of projects) {
    const name = JSON.stringify([project.directory, project.marker]);
    const known = found.get(name) ?? project;
    found.set(name, {
      ...known,
      isEditable: known.isEditable || project.isEditable,
      extras: [...new Set([...known.extras, ...project.extras])].sort(),
    });
  }
  return [...found.values()];
}
