/** pyproject.toml: what it asks to be installed, and whether it can be. */
import { parse, TomlError } from "smol-toml";
import type { PlanSource } from "./plan.ts";
import { requiresPython } from "./python-version.ts";
import type { PythonWish } from "./python-version.ts";
import type { RepoTree } from "./repo-tree.ts";
import { directoryOf, joinInside } from "./repo-tree.ts";
import { normalizeName, parseRequirement, quote } from "./requirement.ts";
import type { Requirement } from "./requirement.ts";
import { formatLine, invalid, unsupported } from "./requirement-lines.ts";
import type { Wanted } from "./requirements-files.ts";
import { nothingWanted } from "./requirements-files.ts";

type Table = Readonly<Record<string, unknown>>;

export interface Pyproject {
  readonly file: string;
  /** There is a `[project]`. */
  readonly isProject: boolean;
  /** It is installed itself, and not only what it depends on: it says how it is built. */
  readonly isPackage: boolean;
  /** uv would install directories of the repository too: a workspace, or sources by path. */
  readonly hasLocalSources: boolean;
  /** Set when its packages are described in a form that only one other tool reads. */
  readonly foreignTool: "poetry" | "pixi" | null;
  /** What `dependencies` and the dependency groups name, as far as it can be read. */
  readonly direct: readonly Requirement[];
  readonly requiresPython: PythonWish | null;
  /** All that a lock beside it depends on, in canonical form, for the key. */
  readonly lockInputs: string;
  /** `[project] dependencies`. Throws `config-invalid` or `config-unsupported`. */
  wanted(tree: RepoTree): Wanted;
}

/** Null when there is no such file. Throws `config-invalid`. */
export function readPyproject(tree: RepoTree, file: string): Pyproject | null {
  const text = tree.read(file);
  if (text === null) return null;
  const root = parseToml(file, text);
  const find = (needle: string) => ({ file, line: lineOf(text, needle) });
  const project = tableAt(root, "project", find);
  const tool = tableAt(root, "tool", find) ?? {};
  const requires = project?.["requires-python"];
  if (requires !== undefined && typeof requires !== "string") {
    throw invalid(find("requires-python"), "requires-python must be a string");
  }
  const dynamic = project?.["dynamic"];
  // Dependencies that the build computes are known by building it, as pip would.
  const isBuilt =
    root["build-system"] !== undefined ||
    (Array.isArray(dynamic) && dynamic.includes("dependencies"));
  return {
    file,
    isProject: project !== null,
    isPackage: project !== null && isBuilt,
    hasLocalSources: hasLocalSources(tool),
    foreignTool: foreignTool(project, tool),
    direct: directRequirements(project, root["dependency-groups"]),
    requiresPython: requiresPython(file, find("requires-python").line, requires ?? ""),
    lockInputs: canonicalJson([project, root["dependency-groups"] ?? null, tool["uv"] ?? null]),
    wanted: (tree) => wantedBy(tree, { file, project: project ?? {}, tool, find }),
  };
}

function parseToml(file: string, text: string): Table {
  try {
    return parse(text);
  } catch (error) {
    const line = error instanceof TomlError ? error.line : 1;
    const what =
      error instanceof TomlError ? (error.message.split("\n")[0] ?? "") : "it cannot be read";
    throw invalid({ file, line }, what.replace(/^Invalid TOML document: /, "").replace(/\.$/, ""));
  }
}

function foreignTool(project: Table | null, tool: Table): Pyproject["foreignTool"] {
  if (project === null && tool["poetry"] !== undefined) return "poetry";
  const pixi = tool["pixi"];
  if (!isTable(pixi)) return null;
  return pixi["dependencies"] !== undefined || pixi["feature"] !== undefined ? "pixi" : null;
}

function hasLocalSources(tool: Table): boolean {
  const uv = isTable(tool["uv"]) ? tool["uv"] : {};
  const sources = isTable(uv["sources"]) ? Object.values(uv["sources"]).flat() : [];
  const isLocal = (from: unknown) =>
    isTable(from) && (from["path"] !== undefined || from["workspace"] !== undefined);
  return uv["workspace"] !== undefined || uv["package"] === true || sources.some(isLocal);
}

function directRequirements(project: Table | null, groups: unknown): Requirement[] {
  const lists = [project?.["dependencies"], ...(isTable(groups) ? Object.values(groups) : [])];
  return lists.flat().flatMap((text) => {
    const outcome = typeof text === "string" ? parseRequirement(text.trim()) : null;
    return outcome?.kind === "parsed" ? outcome.requirement : [];
  });
}

interface Place {
  readonly file: string;
  readonly project: Table;
  readonly tool: Table;
  readonly find: (needle: string) => PlanSource;
}

function wantedBy(tree: RepoTree, place: Place): Wanted {
  const wanted = nothingWanted();
  wanted.files.push(place.file);
  const dependencies = place.project["dependencies"] ?? [];
  if (!Array.isArray(dependencies)) {
    throw invalid(place.find("dependencies"), "[project] dependencies must be a list");
  }
  for (const dependency of dependencies) {
    if (typeof dependency !== "string") {
      throw invalid(place.find("dependencies"), "[project] dependencies must be strings");
    }
    const source = place.find(dependency);
    if (dependency.includes("${")) {
      throw unsupported(source, "uses an environment variable, and builds see none of yours");
    }
    const outcome = parseRequirement(dependency.trim());
    if (outcome.kind === "malformed") throw invalid(source, outcome.because);
    takeDependency(tree, place, wanted, { source, requirement: outcome.requirement });
  }
  return wanted;
}

interface Dependency {
  readonly source: PlanSource;
  readonly requirement: Requirement;
}

function takeDependency(tree: RepoTree, place: Place, wanted: Wanted, one: Dependency): void {
  const from = uvSource(place, one);
  if (from === null) {
    if (/^file:/i.test(one.requirement.url ?? "")) {
      throw unsupported(one.source, `${quote(one.requirement.url ?? "")} is a path of one machine`);
    }
    wanted.packages.push({
      ...one,
      text: formatLine({ requirement: one.requirement, hashes: [] }),
    });
    return;
  }
  if (typeof from["url"] === "string" || typeof from["git"] === "string") {
    const requirement = { ...one.requirement, specifier: "", url: sourceAddress(one, from) };
    wanted.packages.push({ ...one, requirement, text: formatLine({ requirement, hashes: [] }) });
    return;
  }
  if (typeof from["path"] !== "string") {
    throw unsupported(
      one.source,
      "[tool.uv.sources] has it from a workspace or an index: commit a uv.lock",
    );
  }
  const path = joinInside(directoryOf(place.file), from["path"]);
  const entry = path === null ? null : tree.lookup(path);
  const { extras, marker } = one.requirement;
  if (path === null || entry === null || entry.kind === "missing" || entry.kind === "outside") {
    throw invalid(one.source, `there is no ${quote(from["path"])} in the repository`);
  }
  if (entry.kind === "file") wanted.archives.push({ source: one.source, path, extras, marker });
  else {
    const isEditable = from["editable"] === true;
    wanted.projects.push({ source: one.source, directory: path, extras, isEditable, marker });
  }
}

/** What `[tool.uv.sources]` says about a dependency, as `uv sync` would read it. */
function uvSource(place: Place, one: Dependency): Table | null {
  const uv = place.tool["uv"];
  const sources = isTable(uv) ? uv["sources"] : undefined;
  if (!isTable(sources)) return null;
  const found = Object.entries(sources).find(
    ([name]) => normalizeName(name) === one.requirement.name,
  );
  if (found === undefined) return null;
  if (isTable(found[1]) && found[1]["marker"] === undefined) return found[1];
  throw unsupported(one.source, "[tool.uv.sources] gives several sources for it: commit a uv.lock");
}

function sourceAddress(one: Dependency, from: Table): string {
  const url =
    typeof from["git"] === "string"
      ? `git+${from["git"].replace(/^git\+/, "")}`
      : String(from["url"]);
  const at = [from["rev"], from["tag"], from["branch"]].find((value) => typeof value === "string");
  const part = from["subdirectory"];
  const address =
    url +
    (typeof at === "string" && url.startsWith("git+") ? `@${at}` : "") +
    (typeof part === "string" ? `#subdirectory=${part}` : "");
  const isWeb = /^(?:https?|git\+https?|git\+ssh):\/\/[^/\s]\S*$/i.test(address);
  if (!isWeb || address.includes("${")) {
    throw unsupported(
      one.source,
      `${quote(address)} is not an address that can be installed from here`,
    );
  }
  return address;
}

function tableAt(root: Table, name: string, find: (needle: string) => PlanSource): Table | null {
  const value = root[name];
  if (value === undefined) return null;
  if (!isTable(value)) throw invalid(find(name), `[${name}] must be a table`);
  return value;
}

function isTable(value: unknown): value is Table {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function lineOf(text: string, needle: string): number {
  const at = text.indexOf(needle);
  return at < 0 ? 1 : text.slice(0, at).split("\n").length;
}

function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    isTable(inner) && !("toISOString" in inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : typeof inner === "bigint"
        ? String(inner)
        : inner,
  );
}
