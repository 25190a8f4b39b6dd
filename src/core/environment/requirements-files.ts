/** A requirements file with everything that it includes, read from the repository's tree. */
import type { PipOption, PlanSource } from "./plan.ts";
import type { RepoTree } from "./repo-tree.ts";
import { directoryOf, joinInside } from "./repo-tree.ts";
import { isArchive, isWebAddress, quote } from "./requirement.ts";
import type { Requirement } from "./requirement.ts";
import {
  formatLine,
  invalid,
  parseLine,
  requirementLines,
  unsupported,
} from "./requirement-lines.ts";
import type { RequirementLine } from "./requirement-lines.ts";

const INCLUDE_DEPTH_MAX = 10;
const INCLUDED_FILES_MAX = 100;
const REQUIREMENTS_MAX = 10_000;

/** One thing to install, as text for the installer. */
export interface WantedPackage {
  readonly text: string;
  readonly source: PlanSource;
  /** Null when only an address is given. */
  readonly requirement: Requirement | null;
}

/** A directory of the repository that is installed as a package. */
export interface WantedProject {
  readonly source: PlanSource;
  readonly directory: string;
  readonly extras: readonly string[];
  readonly isEditable: boolean;
  readonly marker: string | null;
}

export interface WantedArchive {
  readonly source: PlanSource;
  readonly path: string;
  readonly extras: readonly string[];
  readonly marker: string | null;
}

/** All that some configuration files ask to be installed. */
export interface Wanted {
  readonly packages: WantedPackage[];
  readonly constraints: WantedPackage[];
  readonly projects: WantedProject[];
  readonly archives: WantedArchive[];
  readonly options: PipOption[];
  /** Every file that was read, the first one first. */
  readonly files: string[];
}

export function nothingWanted(): Wanted {
  return { packages: [], constraints: [], projects: [], archives: [], options: [], files: [] };
}

/** Reads `file` and what it includes. Throws `config-invalid` or `config-unsupported`. */
export function readRequirements(tree: RepoTree, file: string): Wanted {
  const wanted = nothingWanted();
  follow(tree, wanted, { file, isConstraint: false, trail: [] });
  return wanted;
}

/** As `readRequirements`, of single lines that stand in another kind of file. */
export function readRequirementItems(
  tree: RepoTree,
  file: string,
  items: readonly { readonly line: number; readonly words: string }[],
): Wanted {
  const wanted = nothingWanted();
  wanted.files.push(file);
  for (const { line, words } of items) {
    if (words === "" || words.startsWith("#")) continue;
    if (/[\r\n]/.test(words)) throw invalid({ file, line }, "one requirement a line is expected");
    const bare = words.replace(/\s#.*$/, "");
    takeLines(
      tree,
      wanted,
      { file, isConstraint: false, trail: [] },
      parseLine({ file, line }, bare),
    );
  }
  return wanted;
}

interface Visit {
  readonly file: string;
  readonly isConstraint: boolean;
  /** The files that led here, each of which is still being read. */
  readonly trail: readonly string[];
}

function follow(tree: RepoTree, wanted: Wanted, visit: Visit): void {
  const { file } = visit;
  if (!wanted.files.includes(file)) wanted.files.push(file);
  takeLines(tree, wanted, visit, requirementLines(file, tree.read(file) ?? ""));
}

function takeLines(
  tree: RepoTree,
  wanted: Wanted,
  visit: Visit,
  lines: readonly RequirementLine[],
): void {
  for (const line of lines) {
    if (line.kind === "include") {
      followInclude(tree, wanted, visit, line);
      continue;
    }
    take(tree, wanted, visit.isConstraint, line);
    if (wanted.packages.length + wanted.constraints.length > REQUIREMENTS_MAX) {
      throw invalid(line.source, `there are more than ${REQUIREMENTS_MAX} requirements`);
    }
  }
}

type Include = RequirementLine & { readonly kind: "include" };

function followInclude(tree: RepoTree, wanted: Wanted, visit: Visit, line: Include): void {
  const { source, path } = line;
  if (path.includes("://")) throw unsupported(source, `${quote(path)} lies outside the repository`);
  const file = joinInside(directoryOf(visit.file), path);
  if (file === null) throw invalid(source, `${quote(path)} leads out of the repository`);
  const trail = [...visit.trail, visit.file];
  if (trail.includes(file)) throw invalid(source, `${quote(path)} includes itself`);
  if (trail.length > INCLUDE_DEPTH_MAX) {
    throw invalid(source, `files include each other more than ${INCLUDE_DEPTH_MAX} deep`);
  }
  if (wanted.files.length >= INCLUDED_FILES_MAX) {
    throw invalid(source, `more than ${INCLUDED_FILES_MAX} files are included`);
  }
  switch (tree.lookup(file).kind) {
    case "file":
      return follow(tree, wanted, {
        file,
        isConstraint: visit.isConstraint || line.isConstraint,
        trail,
      });
    case "outside":
      throw invalid(source, `${quote(path)} leads out of the repository`);
    case "directory":
      throw invalid(source, `${quote(path)} is a directory`);
    case "missing":
      throw invalid(source, `there is no ${quote(file)} in the repository`);
  }
}

type Line = Exclude<RequirementLine, Include>;

function take(tree: RepoTree, wanted: Wanted, isConstraint: boolean, line: Line): void {
  const { source } = line;
  const packages = isConstraint ? wanted.constraints : wanted.packages;
  switch (line.kind) {
    case "requirement":
      packages.push({ text: formatLine(line), source, requirement: line.requirement });
      return;
    case "address": {
      const marker = line.marker === null ? "" : ` ; ${line.marker}`;
      const hashes = line.hashes.map((hash) => ` --hash=${hash}`).join("");
      packages.push({ text: line.url + marker + hashes, source, requirement: null });
      return;
    }
    case "option":
      wanted.options.push(checkedOption(tree, source, line.option));
      return;
    case "local":
      if (isConstraint) throw invalid(source, "a constraint must be a package with a version");
      return takeLocal(tree, wanted, line);
  }
}

function checkedOption(tree: RepoTree, source: PlanSource, option: PipOption): PipOption {
  const { name, value } = option;
  if (value === null) return option;
  const isAddress = isWebAddress(value);
  if ((name === "index-url" || name === "extra-index-url") && !isAddress) {
    throw unsupported(source, `${quote(value)} is not an index on the web`);
  }
  if (name !== "find-links" || isAddress) return option;
  // pip looks beside the file first, then from the working directory.
  const found = [joinInside(directoryOf(source.file), value), joinInside("", value)].find(
    (path) => path !== null && ["file", "directory"].includes(tree.lookup(path).kind),
  );
  if (found === undefined || found === null) {
    throw invalid(source, `there is no ${quote(value)} in the repository`);
  }
  return { name, value: found };
}

function takeLocal(tree: RepoTree, wanted: Wanted, line: Line & { kind: "local" }): void {
  const { source, extras, marker, isEditable } = line;
  const path = joinInside("", line.path);
  if (path === null) throw invalid(source, `${quote(line.path)} leads out of the repository`);
  const entry = tree.lookup(path);
  switch (entry.kind) {
    case "outside":
      throw invalid(source, `${quote(line.path)} leads out of the repository`);
    case "missing":
      throw invalid(source, `there is no ${quote(line.path)} in the repository`);
    case "directory":
      if (!entry.isSubmodule && !isProject(tree, path)) {
        throw invalid(source, `${quote(line.path)} has neither pyproject.toml nor setup.py`);
      }
      wanted.projects.push({ source, directory: path, extras, isEditable, marker });
      return;
    case "file":
      if (!isArchive(path)) throw invalid(source, `${quote(line.path)} is not a package`);
      wanted.archives.push({ source, path, extras, marker });
      return;
  }
}

function isProject(tree: RepoTree, directory: string): boolean {
  return ["pyproject.toml", "setup.py"].some(
    (name) => tree.lookup(directory === "" ? name : `${directory}/${name}`).kind === "file",
  );
}
