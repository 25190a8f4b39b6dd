/** What pyproject.toml, the locks beside it, setup.py and setup.cfg are good for beside one another. */
import type { Pyproject } from "./pyproject.ts";
import { note, present, type Reading, unusable } from "./reading.ts";

export interface PyprojectDecision {
  readonly installs: "nothing" | "dependencies" | "poetry" | "setup.cfg" | PyprojectLock;
  /** Of [dependency-groups], besides `dependencies`. */
  readonly groups: readonly string[];
  /** The configuration directory itself is installed as a package. */
  readonly buildsProject: boolean;
  readonly usesVersion: boolean;
}

export type PyprojectLock = "uv.lock" | "pylock.toml" | "poetry.lock";

interface Place {
  readonly reading: Reading;
  readonly pyproject: Pyproject | null;
  readonly hasRequirements: boolean;
  /** Something else says what to install. */
  readonly isComplete: boolean;
}

const NOTHING: PyprojectDecision = {
  installs: "nothing",
  groups: [],
  buildsProject: false,
  usesVersion: false,
};
const LOCKS: readonly PyprojectLock[] = ["uv.lock", "pylock.toml", "poetry.lock"];
const REQUIREMENTS_DECIDE = "requirements.txt decides, as in repo2docker";

/** Notes each of the files, or throws `config-unsupported` for one that cannot be left out. */
export function decidePyproject(place: Place): PyprojectDecision {
  const { reading } = place;
  const hasSetup = noteSetup(reading);
  const isComplete = place.isComplete || place.hasRequirements || hasSetup;
  const decision = decide({ ...place, isComplete });
  const buildsProject = decision.buildsProject || hasSetup;
  return decideSetupConfig({ ...place, isComplete }, { ...decision, buildsProject });
}

function decide(place: Place): PyprojectDecision {
  const { pyproject, reading } = place;
  if (place.hasRequirements) {
    for (const name of LOCKS) noteLock(reading, name, REQUIREMENTS_DECIDE);
    return pyproject === null ? NOTHING : besideRequirements(reading, pyproject);
  }
  const lock = LOCKS.find((name) => present(reading, name) !== null && fits(name, pyproject));
  if (lock !== undefined) return withLock(reading, pyproject, lock);
  if (pyproject === null) {
    for (const name of LOCKS)
      passOver(place, name, "it means something beside pyproject.toml only");
    return NOTHING;
  }
  for (const name of LOCKS) passOver(place, name, "pyproject.toml has no [project]");
  return withoutLock(reading, pyproject);
}

function fits(lock: PyprojectLock, pyproject: Pyproject | null): boolean {
  if (lock === "pylock.toml") return true;
  if (lock === "uv.lock") return pyproject?.isProject === true;
  return pyproject !== null && (pyproject.isProject || pyproject.poetry !== null);
}

function withLock(
  reading: Reading,
  pyproject: Pyproject | null,
  lock: PyprojectLock,
): PyprojectDecision {
  for (const name of LOCKS) if (name !== lock) noteLock(reading, name, `${lock} decides`);
  const path = present(reading, lock) ?? lock;
  note(reading, path, "used", "it says exactly what to install");
  if (pyproject !== null) {
    const because = pyproject.isProject || pyproject.poetry !== null;
    note(
      reading,
      pyproject.file,
      because ? "used" : "ignored",
      because ? "the lock beside it belongs to it" : `${lock} decides`,
    );
  }
  reading.differs.push(
    pyproject?.isBuiltByRepo2docker === true
      ? `repo2docker does not read ${path}; it resolves the project anew.`
      : `repo2docker does not read ${path} and would build a bare Python.`,
  );
  const buildsProject = pyproject?.isPackage === true;
  return { installs: lock, groups: [], buildsProject, usesVersion: true };
}

function withoutLock(reading: Reading, pyproject: Pyproject): PyprojectDecision {
  const { file, isPackage, isProject, groups } = pyproject;
  if (!isProject && pyproject.poetry !== null) {
    const because = isPackage
      ? "what [tool.poetry] depends on is installed, and the project"
      : "what [tool.poetry] depends on is installed; the project is no package";
    note(reading, file, "used", because);
    reading.differs.push("repo2docker does not read [tool.poetry] and would build a bare Python.");
    return { installs: "poetry", groups: [], buildsProject: isPackage, usesVersion: true };
  }
  if (!isProject && groups.length === 0) {
    note(reading, file, "ignored", "it holds settings of tools only");
    return NOTHING;
  }
  const more = isPackage ? [] : groups;
  const also = more.length === 0 ? "" : `, and the groups ${more.join(", ")}`;
  const because = isPackage
    ? "the project and what it depends on are installed"
    : isProject
      ? `what [project] depends on is installed${also}; there is no [build-system] to install it itself`
      : `its groups are installed: ${groups.join(", ")}`;
  note(reading, file, "used", because);
  if (!pyproject.isBuiltByRepo2docker) {
    reading.differs.push(`repo2docker installs nothing of ${file}, which has no [build-system].`);
  }
  return {
    installs: "dependencies",
    groups: more,
    buildsProject: isPackage,
    usesVersion: isProject,
  };
}

function besideRequirements(reading: Reading, pyproject: Pyproject): PyprojectDecision {
  const { file, isPackage, isProject } = pyproject;
  if (reading.directory !== "" || !isProject) {
    note(reading, file, "ignored", REQUIREMENTS_DECIDE);
    return NOTHING;
  }
  if (!isPackage) {
    note(reading, file, "ignored", `${REQUIREMENTS_DECIDE}, and there is no [build-system]`);
    return { ...NOTHING, usesVersion: true };
  }
  note(reading, file, "used", "the project is installed after requirements.txt");
  return { installs: "dependencies", groups: [], buildsProject: true, usesVersion: true };
}

function noteSetup(reading: Reading): boolean {
  const path = present(reading, "setup.py");
  if (path === null) return false;
  if (reading.directory !== "") {
    note(reading, path, "ignored", "it counts in the root only");
    return false;
  }
  note(reading, path, "used", "the project is installed");
  return true;
}

function decideSetupConfig(place: Place, decision: PyprojectDecision): PyprojectDecision {
  const { reading } = place;
  const path = present(reading, "setup.cfg");
  if (path === null) return decision;
  const saysPackages = /^\[options\]/m.test(reading.tree.read(path) ?? "");
  if (decision.buildsProject) note(reading, path, "used", "the project's build reads it");
  else if (!saysPackages) note(reading, path, "ignored", "it holds settings of tools only");
  else if (place.isComplete || decision.installs !== "nothing") {
    note(reading, path, "ignored", "another file decides");
  } else {
    const because =
      "what it depends on is installed; without setup.py pip cannot install it itself";
    note(reading, path, "used", because);
    reading.differs.push("repo2docker does not read setup.cfg where there is no setup.py.");
    return { ...decision, installs: "setup.cfg", usesVersion: true };
  }
  return decision;
}

/** A lock that lies there and is not read. Throws when nothing else would say what to install. */
function passOver(place: Place, name: PyprojectLock, because: string): void {
  const path = present(place.reading, name);
  if (path === null) return;
  if (!place.isComplete) throw unusable(path, because);
  note(place.reading, path, "ignored", `${because}; another file decides`);
}

function noteLock(reading: Reading, name: PyprojectLock, because: string): void {
  const path = present(reading, name);
  if (path !== null) note(reading, path, "ignored", because);
}
