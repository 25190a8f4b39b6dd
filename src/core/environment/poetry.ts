/** [tool.poetry] of a pyproject.toml: what poetry would install, without its optional groups. */
import { allOf } from "./markers.ts";
import { type NamedDependency, takeNamed } from "./named-dependency.ts";
import { isTable, type Table, tableOf, textOf, textsOf } from "./documents.ts";
import type { PipOption, PlanSource } from "./plan.ts";
import { poetryPythonSpecifier, poetrySpecifier } from "./poetry-version.ts";
import type { RepoTree } from "./repo-tree.ts";
import { isWebAddress, quote } from "./requirement.ts";
import { invalid, unsupported } from "./requirement-lines.ts";
import { nothingWanted, type Wanted } from "./requirements-files.ts";

export interface PoetryDependency extends Omit<NamedDependency, "specifier"> {
  /** Null for what PEP 440 cannot say: then only a lock helps. */
  readonly specifier: string | null;
  readonly constraint: string;
}

export interface Poetry {
  readonly dependencies: readonly PoetryDependency[];
  /** `main` and the groups that are not optional. */
  readonly groups: readonly string[];
  /** PEP 440, or null. */
  readonly python: string | null;
  /** Its code is installed too: it is a package, and the package is there. */
  readonly isPackage: boolean;
  readonly options: readonly PipOption[];
}

type Find = (needle: string) => PlanSource;

/** `poetry` is [tool.poetry], `name` the project's. Throws `config-invalid`. */
export function readPoetry(
  tree: RepoTree,
  { poetry, directory, find }: { poetry: Table; directory: string; find: Find },
): Poetry {
  const groups = Object.entries(tableOf(poetry["group"])).filter(
    ([, group]) => tableOf(group)["optional"] !== true,
  );
  const tables: readonly (readonly [string, unknown])[] = [
    ["main", poetry["dependencies"]],
    ["dev", poetry["dev-dependencies"]],
    ...groups.map(([name, group]) => [name, tableOf(group)["dependencies"]] as const),
  ];
  const main = tableOf(poetry["dependencies"]);
  const python = textOf(main["python"]);
  return {
    dependencies: tables.flatMap(([, table]) => dependenciesOf(table, find)),
    groups: tables.map(([name]) => name),
    python: python === null ? null : poetryPythonSpecifier(python),
    isPackage: isPackage(tree, poetry, directory),
    options: sourceOptions(poetry["source"], find),
  };
}

function dependenciesOf(table: unknown, find: Find): PoetryDependency[] {
  if (table === undefined) return [];
  if (!isTable(table)) throw invalid(find("dependencies"), "dependencies must be a table");
  return Object.entries(table)
    .filter(([name]) => name.toLowerCase() !== "python")
    .flatMap(([name, value]) =>
      (Array.isArray(value) ? value : [value]).flatMap((one: unknown) =>
        dependencyOf(name, one, find(name)),
      ),
    );
}

function dependencyOf(name: string, value: unknown, source: PlanSource): PoetryDependency[] {
  if (typeof value !== "string" && !isTable(value)) {
    throw invalid(source, `${quote(name)} must be a version or a table`);
  }
  const table = tableOf(value);
  // Optional ones belong to extras, and none is asked for.
  if (table["optional"] === true) return [];
  const constraint = typeof value === "string" ? value : (textOf(table["version"]) ?? "*");
  return [
    {
      ...{ source, name, table, constraint },
      specifier: poetrySpecifier(constraint),
      marker: markerOf(table),
      extras: textsOf(table["extras"]),
      hashes: [],
    },
  ];
}

function markerOf(table: Table): string | null {
  const python = textOf(table["python"]);
  const specifier = python === null ? null : poetrySpecifier(python);
  const clauses = (specifier ?? "").split(",").filter((clause) => clause !== "");
  const platform = textOf(table["platform"]);
  return allOf([
    textOf(table["markers"]),
    ...clauses.map((clause) =>
      clause.replace(
        /^([<>=!~]+)(.*)$/,
        (_, sign: string, version: string) => `python_version ${sign} "${version}"`,
      ),
    ),
    ...(platform === null ? [] : [`sys_platform == "${platform.replace(/[^a-z0-9]/gi, "")}"`]),
  ]);
}

/** `package-mode` off, or no directory that poetry would find: then there is nothing to install. */
function isPackage(tree: RepoTree, poetry: Table, directory: string): boolean {
  if (poetry["package-mode"] === false) return false;
  if (poetry["packages"] !== undefined) return true;
  const name = textOf(poetry["name"])?.replace(/[-. ]+/g, "_") ?? "";
  const inside = directory === "" ? "" : `${directory}/`;
  return [name, name.toLowerCase()].some((one) =>
    [`${inside}${one}`, `${inside}src/${one}`, `${inside}${one}.py`, `${inside}src/${one}.py`].some(
      (path) => one !== "" && ["file", "directory"].includes(tree.lookup(path).kind),
    ),
  );
}

function sourceOptions(sources: unknown, find: Find): PipOption[] {
  if (!Array.isArray(sources)) return [];
  return sources.flatMap((one: unknown): PipOption[] => {
    const table = tableOf(one);
    const url = textOf(table["url"]);
    if (url === null) return [];
    if (!isWebAddress(url)) {
      throw unsupported(find(url), `${quote(url)} is not an index on the web`);
    }
    const isFirst = table["default"] === true || table["priority"] === "default";
    return [{ name: isFirst ? "index-url" : "extra-index-url", value: url }];
  });
}

/** What to install where there is no lock. Throws `config-unsupported`. */
export function poetryWanted(tree: RepoTree, file: string, poetry: Poetry): Wanted {
  const wanted = nothingWanted();
  wanted.files.push(file);
  wanted.options.push(...poetry.options);
  for (const one of poetry.dependencies) {
    const { specifier, source, constraint } = one;
    if (specifier === null) {
      const what = `${quote(constraint)} of ${quote(one.name)} cannot be said to pip`;
      throw unsupported(source, `${what}: commit poetry.lock`);
    }
    takeNamed(tree, wanted, { ...one, specifier });
  }
  return wanted;
}
