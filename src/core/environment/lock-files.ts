/** The locks of Python packages, each read as what is installed of it. */
import { configurationPath } from "./configuration-directory.ts";
import type { PyprojectDecision } from "./decide-pyproject.ts";
import { digestOfList, digestOfSet, repositoryDigest } from "./digests.ts";
import type { LockStep } from "./plan.ts";
import { readPipfileLock } from "./pipfile.ts";
import { readPoetryLock } from "./poetry-lock.ts";
import type { LockedEdge } from "./poetry-graph.ts";
import { readPylock } from "./pylock.ts";
import type { Pyproject } from "./pyproject.ts";
import type { PythonWish } from "./python-version.ts";
import { note, present, type Reading } from "./reading.ts";
import { satisfies } from "@renovatebot/pep440";
import { normalizeName } from "./requirement.ts";
import { nothingWanted, type Wanted } from "./requirements-files.ts";
import { sha256 } from "./sha256.ts";

export interface LockFile {
  readonly format: LockStep["format"];
  readonly directory: string;
  readonly path: string;
  /** All of it; nothing for a lock of uv, which uv reads. */
  readonly wanted: Wanted;
  readonly requiresPython: PythonWish | null;
  readonly digest: string;
  readonly files: readonly string[];
}

/** Null when `installs` is no lock. Throws `config-invalid`. */
export function readLockFile(
  reading: Reading,
  installs: PyprojectDecision["installs"],
  pyproject: Pyproject | null,
): LockFile | null {
  const { tree, directory } = reading;
  switch (installs) {
    case "uv.lock":
      return pyproject === null ? null : uvLock(reading, pyproject);
    case "pylock.toml": {
      const path = configurationPath(directory, installs);
      const { wanted, requiresPython } = readPylock(tree, path);
      return { ...lockOf(reading, "pylock", path, wanted), requiresPython };
    }
    case "poetry.lock": {
      const path = configurationPath(directory, installs);
      const roots = pyproject === null ? [] : rootsOf(pyproject);
      const groups = pyproject?.poetry?.groups ?? ["main", "dev"];
      const all = [...new Set([...groups, "main", ...(pyproject?.groups ?? [])])];
      const wanted = readPoetryLock(tree, path, { roots, groups: all });
      return { ...lockOf(reading, "poetry", path, wanted), requiresPython: null };
    }
    case "nothing":
    case "dependencies":
    case "poetry":
    case "setup.cfg":
      return null;
  }
}

/** Null when there is no Pipfile.lock. Throws `config-invalid`. */
export function readPipenvLock(reading: Reading): LockFile | null {
  const path = present(reading, "Pipfile.lock");
  if (path === null) return null;
  const { wanted, python } = readPipfileLock(reading.tree, path);
  note(reading, path, "used", "it says exactly what to install");
  return { ...lockOf(reading, "pipfile", path, wanted), requiresPython: python };
}

function lockOf(
  { directory }: Reading,
  format: LockStep["format"],
  path: string,
  wanted: Wanted,
): Omit<LockFile, "requiresPython"> {
  const options = wanted.options.map(({ name, value }) => [name, value]);
  const lines = digestOfSet(wanted.packages.map(({ text }) => text));
  return { format, directory, path, wanted, digest: digestOfList([lines, options]), files: [path] };
}

/** Comments and settings of other tools beside it do not count; the lock itself does as it is. */
function uvLock(reading: Reading, pyproject: Pyproject): LockFile {
  const { tree, directory } = reading;
  const path = configurationPath(directory, "uv.lock");
  const lock = tree.lookup(path);
  const real = lock.kind === "file" ? lock.path : path;
  const digest = repositoryDigest(tree.files, (file) => file === real);
  return {
    ...{ format: "uv", directory, path },
    wanted: nothingWanted(),
    requiresPython: null,
    digest: sha256(JSON.stringify([directory, digest, pyproject.lockInputs])),
    files: [path, pyproject.file, ...(pyproject.hasLocalSources ? ["."] : [])],
  };
}

/** What pyproject.toml asks for, as the beginning of the ways through an old lock. */
function rootsOf({ direct, poetry }: Pyproject): readonly LockedEdge[] {
  return [...direct, ...(poetry?.dependencies ?? [])].map((one) => ({
    name: normalizeName(one.name),
    marker: one.marker,
    extras: one.extras.map(normalizeName),
    isOptional: false,
    fits: (version) =>
      one.specifier === null ||
      one.specifier === "" ||
      satisfies(version, one.specifier, { prereleases: true }),
  }));
}
