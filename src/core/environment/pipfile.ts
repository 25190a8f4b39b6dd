/** Pipfile and Pipfile.lock: what pipenv would install, its development packages included. */
import {
  parseJson,
  parseToml,
  isTable,
  lineOf,
  type Table,
  tableOf,
  textOf,
  textsOf,
} from "./documents.ts";
import type { PipOption, PlanSource } from "./plan.ts";
import { parsePythonText, type PythonWish } from "./python-version.ts";
import type { RepoTree } from "./repo-tree.ts";
import { isWebAddress, quote } from "./requirement.ts";
import { invalid, unsupported } from "./requirement-lines.ts";
import { takeNamed } from "./named-dependency.ts";
import { nothingWanted, type Wanted } from "./requirements-files.ts";

export interface PipfileContent {
  readonly wanted: Wanted;
  readonly python: PythonWish | null;
}

const MARKER_KEYS = [
  "os_name",
  "sys_platform",
  "platform_machine",
  "platform_python_implementation",
  "platform_release",
  "platform_system",
  "platform_version",
  "python_version",
  "python_full_version",
  "implementation_name",
  "implementation_version",
] as const;

/** Throws `config-invalid` or `config-unsupported`. */
export function readPipfile(tree: RepoTree, file: string): PipfileContent {
  const text = tree.read(file) ?? "";
  const root = parseToml(file, text);
  const find = (needle: string) => ({ file, line: lineOf(text, needle) });
  return readTables(tree, {
    file,
    find,
    tables: [root["packages"], root["dev-packages"]],
    sources: root["source"],
    requires: root["requires"],
  });
}

/** Throws `config-invalid` or `config-unsupported`. */
export function readPipfileLock(tree: RepoTree, file: string): PipfileContent {
  const text = tree.read(file) ?? "";
  const root = parseJson(file, text);
  const find = (needle: string) => ({ file, line: lineOf(text, JSON.stringify(needle)) });
  const meta = tableOf(root["_meta"]);
  const tables = [root["default"], root["develop"]];
  return readTables(tree, {
    ...{ file, find, tables },
    ...{ sources: meta["sources"], requires: meta["requires"] },
  });
}

interface Parts {
  readonly file: string;
  readonly find: (needle: string) => PlanSource;
  readonly tables: readonly unknown[];
  readonly sources: unknown;
  readonly requires: unknown;
}

function readTables(tree: RepoTree, parts: Parts): PipfileContent {
  const wanted = nothingWanted();
  wanted.files.push(parts.file);
  const seen = new Set<string>();
  for (const table of parts.tables) {
    if (table === undefined) continue;
    if (!isTable(table)) throw invalid({ file: parts.file, line: 1 }, "packages must be a table");
    for (const [name, value] of Object.entries(table)) {
      if (seen.has(name.toLowerCase())) continue;
      seen.add(name.toLowerCase());
      takeEntry(tree, wanted, { name, value, source: parts.find(name) });
    }
  }
  wanted.options.push(...sourceOptions(parts));
  return { wanted, python: pythonOf(parts) };
}

function takeEntry(
  tree: RepoTree,
  wanted: Wanted,
  { name, value, source }: { name: string; value: unknown; source: PlanSource },
): void {
  if (typeof value !== "string" && !isTable(value)) {
    throw invalid(source, `${quote(name)} must be a version or a table`);
  }
  const table = tableOf(value);
  const version = (typeof value === "string" ? value : (textOf(table["version"]) ?? "*")).trim();
  const specifier = version === "*" ? "" : version.replaceAll(/\s+/g, "");
  takeNamed(tree, wanted, {
    ...{ source, name, specifier, table },
    marker: markerOf(table),
    extras: textsOf(table["extras"]),
    hashes: textsOf(table["hashes"]),
  });
}

/** `markers`, and the keys that are a marker each: `sys_platform = "== 'linux'"`. */
function markerOf(table: Table): string | null {
  const own = textOf(table["markers"]);
  const keyed = MARKER_KEYS.flatMap((key) => {
    const text = textOf(table[key]);
    return text === null ? [] : [`${key} ${text}`];
  });
  const all = [...(own === null ? [] : [own]), ...keyed];
  if (all.length < 2) return all[0] ?? null;
  return all.map((one) => `(${one})`).join(" and ");
}

/** The first source is the index; PyPI as it is means the machine's own index. */
function sourceOptions({ file, sources, find }: Parts): PipOption[] {
  if (!Array.isArray(sources)) return [];
  return sources.flatMap((one: unknown, index): PipOption[] => {
    const url = textOf(tableOf(one)["url"]);
    const source = find(url ?? "source");
    if (url === null || !isWebAddress(url)) {
      throw invalid(source, `source ${index + 1} of ${file} has no address`);
    }
    if (url.includes("${")) {
      throw unsupported(source, "uses an environment variable, and builds see none of yours");
    }
    if (/^https?:\/\/pypi\.(?:org|python\.org)\/simple\/?$/i.test(url)) return [];
    return [{ name: index === 0 ? "index-url" : "extra-index-url", value: url }];
  });
}

function pythonOf({ file, find, requires }: Parts): PythonWish | null {
  const table = tableOf(requires);
  const text = textOf(table["python_full_version"]) ?? textOf(table["python_version"]);
  if (text === null || text.trim() === "*") return null;
  const { line } = find("python_version");
  const asked = parsePythonText(text);
  if (asked.kind !== "python")
    throw invalid({ file, line }, `${quote(text)} is no version of Python`);
  return { file, line, specifier: asked.specifier, release: asked.release };
}
