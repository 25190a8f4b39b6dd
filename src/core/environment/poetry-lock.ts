/** poetry.lock as exact requirements: what `poetry install` would choose of it. */
import { satisfies } from "@renovatebot/pep440";
import { isTable, lineOf, parseToml, type Table, tableOf, textOf, textsOf } from "./documents.ts";
import { simplifyMarker } from "./markers.ts";
import { takeNamed } from "./named-dependency.ts";
import { type LockedEdge, type LockedPackage, whenInstalled } from "./poetry-graph.ts";
import { poetrySpecifier } from "./poetry-version.ts";
import type { PlanSource } from "./plan.ts";
import type { RepoTree } from "./repo-tree.ts";
import { isWebAddress, normalizeName, parseMarker } from "./requirement.ts";
import { invalid } from "./requirement-lines.ts";
import { nothingWanted, type Wanted } from "./requirements-files.ts";

const PACKAGES_MAX = 20_000;

/** `roots` is what pyproject.toml asks for, `groups` the groups that are installed. */
export function readPoetryLock(
  tree: RepoTree,
  file: string,
  { roots, groups }: { readonly roots: readonly LockedEdge[]; readonly groups: readonly string[] },
): Wanted {
  const text = tree.read(file) ?? "";
  const root = parseToml(file, text);
  const packages = root["package"] ?? [];
  if (!Array.isArray(packages) || packages.length > PACKAGES_MAX) {
    throw invalid({ file, line: lineOf(text, "package") }, "packages must be tables");
  }
  const hashes = tableOf(tableOf(root["metadata"])["files"]);
  const tables = packages.filter(isTable);
  const wanted = nothingWanted();
  wanted.files.push(file);
  const chosen = tables.every((table) => Array.isArray(table["groups"]))
    ? markersOfGroups(tables, new Set(groups))
    : whenInstalled(tables.map(packageOf), roots);
  for (const [index, table] of tables.entries()) {
    const marker = chosen[index];
    if (marker === undefined || marker === false) continue;
    const name = textOf(table["name"]) ?? "";
    const source = { file, line: lineOf(text, `name = ${JSON.stringify(name)}`) };
    takeLocked(tree, wanted, { table, name, source, marker, files: hashes[name] });
  }
  return wanted;
}

interface Locked {
  readonly table: Table;
  readonly name: string;
  readonly source: PlanSource;
  readonly marker: string | null;
  /** Where locks of poetry 1.0 to 1.2 keep the hashes. */
  readonly files: unknown;
}

function takeLocked(tree: RepoTree, wanted: Wanted, locked: Locked): void {
  const { table, name, source, marker } = locked;
  const version = textOf(table["version"]);
  if (version === null) throw invalid(source, `the package ${JSON.stringify(name)} has no version`);
  const files = Array.isArray(table["files"]) ? table["files"] : locked.files;
  const hashes = (Array.isArray(files) ? files : []).flatMap(
    (one: unknown) => textOf(tableOf(one)["hash"]) ?? [],
  );
  const from = tableOf(table["source"]);
  const place = placeOf(from, table["develop"]);
  takeNamed(tree, wanted, {
    ...{ source, name, marker, extras: [], table: place },
    specifier: `==${version}`,
    hashes: place["path"] === undefined && place["git"] === undefined ? hashes : [],
  });
  const url = textOf(from["url"]);
  if (from["type"] !== "legacy" || url === null || !isWebAddress(url)) return;
  if (wanted.options.some(({ value }) => value === url)) return;
  wanted.options.push({ name: "extra-index-url", value: url });
}

function placeOf(from: Table, develop: unknown): Table {
  switch (from["type"]) {
    case "git": {
      const rev = from["resolved_reference"] ?? from["reference"];
      return { git: from["url"], rev, subdirectory: from["subdirectory"] };
    }
    case "url":
      return { url: from["url"] };
    case "directory":
    case "file":
      return { path: from["url"], develop };
    default:
      return {};
  }
}

/** Locks since poetry 2.0 say it themselves. */
function markersOfGroups(
  tables: readonly Table[],
  groups: ReadonlySet<string>,
): readonly (string | null | false)[] {
  return tables.map((table) => {
    const mine = textsOf(table["groups"]).filter((group) => groups.has(group));
    if (mine.length === 0) return false;
    const { markers } = table;
    if (typeof markers === "string") return withoutExtras(markers);
    if (!isTable(markers)) return table["optional"] === true ? false : null;
    const each = mine.map((group) => {
      const text = textOf(markers[group]);
      return text === null ? null : withoutExtras(text);
    });
    if (each.includes(null)) return null;
    const some = each.filter((one) => typeof one === "string");
    return some.length === 0 ? false : some.map((one) => `(${one})`).join(" or ");
  });
}

/** No extra of the project is asked for. */
function withoutExtras(text: string): string | null | false {
  const outcome = parseMarker(text);
  if (outcome.kind === "malformed") return text;
  const rest = simplifyMarker(outcome.text, (term) =>
    term.startsWith("extra ==") ? false : term.startsWith("extra !=") ? true : null,
  );
  return rest === true ? null : rest;
}

function packageOf(table: Table): LockedPackage {
  const extras = Object.entries(tableOf(table["extras"])).map(([extra, list]) => {
    const names = textsOf(list).map((one) =>
      normalizeName(/^[A-Za-z0-9._-]+/.exec(one)?.[0] ?? ""),
    );
    return [normalizeName(extra), names] as const;
  });
  return {
    name: normalizeName(textOf(table["name"]) ?? ""),
    version: textOf(table["version"]) ?? "",
    extras: new Map(extras),
    edges: Object.entries(tableOf(table["dependencies"])).flatMap(([name, value]) =>
      (Array.isArray(value) ? value : [value]).map((one: unknown) => edgeOf(name, one)),
    ),
  };
}

function edgeOf(name: string, value: unknown): LockedEdge {
  const table = tableOf(value);
  const constraint = typeof value === "string" ? value : (textOf(table["version"]) ?? "*");
  const specifier = poetrySpecifier(constraint);
  return {
    name: normalizeName(name),
    marker: textOf(table["markers"]),
    extras: textsOf(table["extras"]).map(normalizeName),
    isOptional: table["optional"] === true,
    fits: (version) => specifier === null || specifier === "" || fits(version, specifier),
  };
}

function fits(version: string, specifier: string): boolean {
  return satisfies(version, specifier, { prereleases: true });
}
