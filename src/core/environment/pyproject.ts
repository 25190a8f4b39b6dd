/** pyproject.toml: what it asks to be installed, and whether it can be. */
import { canonicalJson, isTable, lineOf, parseToml, type Table, tableOf } from "./documents.ts";
import { defaultGroups, groupRequirements } from "./dependency-groups.ts";
import type { PlanSource } from "./plan.ts";
import { type Poetry, readPoetry } from "./poetry.ts";
import { pyprojectWanted } from "./pyproject-dependencies.ts";
import { requiresPython } from "./python-version.ts";
import type { PythonWish } from "./python-version.ts";
import type { RepoTree } from "./repo-tree.ts";
import { directoryOf } from "./repo-tree.ts";
import { parseRequirement } from "./requirement.ts";
import type { Requirement } from "./requirement.ts";
import { invalid } from "./requirement-lines.ts";
import type { Wanted } from "./requirements-files.ts";

export interface Pyproject {
  readonly file: string;
  /** There is a `[project]`. */
  readonly isProject: boolean;
  /** It is installed itself, and not only what it depends on: it says how it is built. */
  readonly isPackage: boolean;
  /** There is `[project]` and `[build-system]`: repo2docker installs it. */
  readonly isBuiltByRepo2docker: boolean;
  /** uv would install directories of the repository too: a workspace, or sources by path. */
  readonly hasLocalSources: boolean;
  /** `[tool.poetry]`, beside a `[project]` or instead of one; null without. */
  readonly poetry: Poetry | null;
  /** The groups that are installed where `[project]` is not built, or there is none. */
  readonly groups: readonly string[];
  /** What `dependencies` and the dependency groups name, as far as it can be read. */
  readonly direct: readonly Requirement[];
  readonly requiresPython: PythonWish | null;
  /** All that a lock beside it depends on, in canonical form, for the key. */
  readonly lockInputs: string;
  /** `[project] dependencies` and those of `groups`. Throws `config-invalid` or `config-unsupported`. */
  wanted(tree: RepoTree, groups: readonly string[]): Wanted;
}

/** Null when there is no such file. Throws `config-invalid`. */
export function readPyproject(tree: RepoTree, file: string): Pyproject | null {
  const text = tree.read(file);
  if (text === null) return null;
  const root = parseToml(file, text);
  const find = (needle: string) => ({ file, line: lineOf(text, needle) });
  const project = tableAt(root, "project", find);
  const tool = tableAt(root, "tool", find) ?? {};
  const groups = root["dependency-groups"];
  const poetry = isTable(tool["poetry"])
    ? readPoetry(tree, { poetry: tool["poetry"], directory: directoryOf(file), find })
    : null;
  const requires = pythonRange(project, poetry, find);
  const isLegacyPoetry = project === null && poetry !== null;
  return {
    file,
    isProject: project !== null,
    isPackage: isLegacyPoetry
      ? root["build-system"] !== undefined && poetry.isPackage
      : project !== null && isBuilt(root, project),
    isBuiltByRepo2docker: project !== null && root["build-system"] !== undefined,
    hasLocalSources: hasLocalSources(tool),
    poetry,
    groups: defaultGroups(groups, {
      uv: tableOf(tool["uv"]),
      isAlone: project === null && poetry === null,
    }),
    direct: directRequirements(project, groups),
    requiresPython: requiresPython(
      file,
      find(requires === "" ? "python" : requires).line,
      requires,
    ),
    lockInputs: canonicalJson([project, groups ?? null, tool["uv"] ?? null]),
    wanted: (tree, names) => {
      const groupTexts = groupRequirements(groups, names, find);
      return pyprojectWanted(tree, { file, project: project ?? {}, tool, groupTexts, find });
    },
  };
}

function pythonRange(
  project: Table | null,
  poetry: Poetry | null,
  find: (needle: string) => PlanSource,
): string {
  const requires = project?.["requires-python"];
  if (requires !== undefined && typeof requires !== "string") {
    throw invalid(find("requires-python"), "requires-python must be a string");
  }
  return requires ?? poetry?.python ?? "";
}

/** Dependencies that the build computes are known by building it, as pip would. */
function isBuilt(root: Table, project: Table): boolean {
  const dynamic = project["dynamic"];
  return (
    root["build-system"] !== undefined ||
    (Array.isArray(dynamic) && dynamic.includes("dependencies"))
  );
}

function hasLocalSources(tool: Table): boolean {
  const uv = tableOf(tool["uv"]);
  const sources = Object.values(tableOf(uv["sources"])).flat();
  const isLocal = (from: unknown) =>
    isTable(from) && (from["path"] !== undefined || from["workspace"] !== undefined);
  return uv["workspace"] !== undefined || uv["package"] === true || sources.some(isLocal);
}

function directRequirements(project: Table | null, groups: unknown): Requirement[] {
  const lists = [project?.["dependencies"], ...Object.values(tableOf(groups))];
  return lists.flat().flatMap((text) => {
    const outcome = typeof text === "string" ? parseRequirement(text.trim()) : null;
    return outcome?.kind === "parsed" ? outcome.requirement : [];
  });
}

function tableAt(root: Table, name: string, find: (needle: string) => PlanSource): Table | null {
  const value = root[name];
  if (value === undefined) return null;
  if (!isTable(value)) throw invalid(find(name), `[${name}] must be a table`);
  return value;
}
