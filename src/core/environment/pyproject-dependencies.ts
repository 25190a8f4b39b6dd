/** What [project] and the groups of a pyproject.toml depend on, with the sources that uv knows. */
import { isTable, type Table } from "./documents.ts";
import type { PlanSource } from "./plan.ts";
import type { RepoTree } from "./repo-tree.ts";
import { directoryOf, joinInside } from "./repo-tree.ts";
import { normalizeName, parseRequirement, quote } from "./requirement.ts";
import type { Requirement } from "./requirement.ts";
import { formatLine, invalid, unsupported } from "./requirement-lines.ts";
import type { Wanted } from "./requirements-files.ts";
import { nothingWanted } from "./requirements-files.ts";

export interface PyprojectPlace {
  readonly file: string;
  readonly project: Table;
  readonly tool: Table;
  /** Of [dependency-groups], what is installed too. */
  readonly groupTexts: readonly string[];
  readonly find: (needle: string) => PlanSource;
}

type Place = PyprojectPlace;

/** Throws `config-invalid` or `config-unsupported`. */
export function pyprojectWanted(tree: RepoTree, place: PyprojectPlace): Wanted {
  const wanted = nothingWanted();
  wanted.files.push(place.file);
  const dependencies = place.project["dependencies"] ?? [];
  if (!Array.isArray(dependencies)) {
    throw invalid(place.find("dependencies"), "[project] dependencies must be a list");
  }
  for (const dependency of [...dependencies, ...place.groupTexts] as readonly unknown[]) {
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
