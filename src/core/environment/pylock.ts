/** pylock.toml (PEP 751): the lock that every tool may write. */
import {
  inWords,
  parseToml,
  isTable,
  lineOf,
  type Table,
  tableOf,
  textOf,
  textsOf,
} from "./documents.ts";
import { takeNamed } from "./named-dependency.ts";
import { simplifyMarker } from "./markers.ts";
import type { PlanSource } from "./plan.ts";
import { requiresPython, type PythonWish } from "./python-version.ts";
import type { RepoTree } from "./repo-tree.ts";
import { isWebAddress, parseMarker, quote } from "./requirement.ts";
import { invalid, unsupported } from "./requirement-lines.ts";
import { nothingWanted, type Wanted } from "./requirements-files.ts";

export interface PylockContent {
  readonly wanted: Wanted;
  readonly requiresPython: PythonWish | null;
}

const PACKAGES_MAX = 20_000;

/** Without extras, and with the groups that are there by default. Throws `config-invalid`. */
export function readPylock(tree: RepoTree, file: string): PylockContent {
  const text = tree.read(file) ?? "";
  const root = parseToml(file, text);
  const find = (needle: string) => ({ file, line: lineOf(text, needle) });
  const version = inWords(root["lock-version"] ?? "");
  if (!/^1(?:\.|$)/.test(version)) {
    throw unsupported(find("lock-version"), `lock-version ${quote(version)} is not known here`);
  }
  const packages = root["packages"] ?? [];
  if (!Array.isArray(packages) || packages.length > PACKAGES_MAX) {
    throw invalid(find("packages"), "packages must be a list of tables");
  }
  const wanted = nothingWanted();
  wanted.files.push(file);
  const groups = new Set(textsOf(root["default-groups"]));
  for (const one of packages as readonly unknown[]) {
    takePackage(tree, wanted, { table: tableOf(one), find, groups });
  }
  const requires = textOf(root["requires-python"]);
  return {
    wanted,
    requiresPython:
      requires === null ? null : requiresPython(file, find("requires-python").line, requires),
  };
}

interface Package {
  readonly table: Table;
  readonly find: (needle: string) => PlanSource;
  readonly groups: ReadonlySet<string>;
}

function takePackage(tree: RepoTree, wanted: Wanted, { table, find, groups }: Package): void {
  const name = textOf(table["name"]) ?? "";
  const source = find(`name = ${JSON.stringify(name)}`);
  const marker = markerOf(source, textOf(table["marker"]), groups);
  if (marker === false) return;
  const archives = [table["sdist"], ...listOf(table["wheels"])].filter(isTable);
  const version = textOf(table["version"]);
  const local = archives.find((one) => textOf(one["path"]) !== null && one["url"] === undefined);
  const from = placeOf(table, local);
  if (version === null && from === null) throw invalid(source, `${quote(name)} has no version`);
  takeNamed(tree, wanted, {
    ...{ source, name, extras: [] },
    specifier: version === null ? "" : `==${version}`,
    marker,
    hashes: [...(isTable(table["archive"]) ? [table["archive"]] : []), ...archives].flatMap(
      hashesOf,
    ),
    table: from ?? {},
  });
  takeIndex(wanted, source, textOf(table["index"]));
}

/** Where it does not come from an index: in the words of `takeNamed`. */
function placeOf(table: Table, local: Table | undefined): Table | null {
  const { vcs, directory, archive } = table;
  if (isTable(directory)) return { path: directory["path"], editable: directory["editable"] };
  if (isTable(archive)) return { path: archive["path"], url: archive["url"] };
  if (isTable(vcs)) {
    const { url, path, subdirectory } = vcs;
    return { git: url ?? path, rev: vcs["commit-id"], subdirectory };
  }
  return local === undefined ? null : { path: local["path"] };
}

function markerOf(
  source: PlanSource,
  text: string | null,
  groups: ReadonlySet<string>,
): string | null | false {
  if (text === null || text.trim() === "") return null;
  const outcome = parseMarker(text);
  if (outcome.kind === "malformed") throw invalid(source, outcome.because);
  const rest = simplifyMarker(outcome.text, (term) => {
    const match = /^["'](.*)["'] (not )?in (extras|dependency_groups)$/.exec(term);
    if (match === null) return null;
    const isIn = match[3] === "dependency_groups" && groups.has(match[1] ?? "");
    return match[2] === undefined ? isIn : !isIn;
  });
  return rest === true ? null : rest;
}

function hashesOf(archive: Table): string[] {
  return Object.entries(tableOf(archive["hashes"])).flatMap(([algorithm, digest]) =>
    typeof digest === "string" ? [`${algorithm}:${digest}`] : [],
  );
}

function takeIndex(wanted: Wanted, source: PlanSource, index: string | null): void {
  if (index === null || /^https:\/\/pypi\.org\/simple\/?$/.test(index)) return;
  if (!isWebAddress(index)) {
    throw unsupported(source, `${quote(index)} is not an index on the web`);
  }
  if (wanted.options.some(({ value }) => value === index)) return;
  wanted.options.push({ name: "extra-index-url", value: index });
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
