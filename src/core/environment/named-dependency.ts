/** A package as a table describes it, in a Pipfile or under [tool.poetry]: the one shape of the two. */
import { validRange } from "@renovatebot/pep440";
import type { PlanSource } from "./plan.ts";
import type { Table } from "./documents.ts";
import { joinInside, directoryOf, type RepoTree } from "./repo-tree.ts";
import {
  formatRequirement,
  hasControlCharacters,
  isArchive,
  normalizeName,
  parseMarker,
  quote,
  type Requirement,
} from "./requirement.ts";
import { invalid, unsupported } from "./requirement-lines.ts";
import type { Wanted } from "./requirements-files.ts";

export interface NamedDependency {
  readonly source: PlanSource;
  readonly name: string;
  /** PEP 440, "" for any. */
  readonly specifier: string;
  readonly marker: string | null;
  readonly extras: readonly string[];
  readonly hashes: readonly string[];
  /** Keys `git`, `rev`, `url`, `path` … as they stand. */
  readonly table: Table;
}

const PROJECT_NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/;
const HASH = /^(?:md5|sha\d+):[0-9a-fA-F]+$/;

/** Adds it to `wanted` as what it is: from an index, Git, an address, or the repository itself. */
export function takeNamed(tree: RepoTree, wanted: Wanted, one: NamedDependency): void {
  const { source, table } = one;
  if (!PROJECT_NAME.test(one.name))
    throw invalid(source, `${quote(one.name)} is no package's name`);
  const path = table["path"] ?? (typeof table["file"] === "string" ? table["file"] : undefined);
  const isWeb = typeof path === "string" && path.includes("://");
  if (typeof path === "string" && !isWeb) return takePath(tree, wanted, one, path);
  const requirement: Requirement = {
    name: normalizeName(one.name),
    extras: [...new Set(one.extras.map(normalizeName))].sort(),
    specifier: one.specifier,
    url: addressOf(one, isWeb ? path : null),
    marker: markerOf(one),
  };
  const { specifier } = one;
  if (specifier !== "" && (/\s|.{200}/.test(specifier) || !validRange(specifier))) {
    throw invalid(source, `${quote(specifier)} is not a version of ${quote(one.name)}`);
  }
  const wrong = one.hashes.find((hash) => !HASH.test(hash));
  if (wrong !== undefined) throw invalid(source, `${quote(wrong)} is not a hash`);
  const hashes = [...new Set(one.hashes)].sort().map((hash) => ` --hash=${hash}`);
  const isDirect = requirement.url !== null;
  const text = formatRequirement(isDirect ? { ...requirement, specifier: "" } : requirement);
  wanted.packages.push({ source, requirement, text: text + hashes.join("") });
}

function markerOf({ source, marker }: NamedDependency): string | null {
  if (marker === null || marker.trim() === "") return null;
  const outcome = parseMarker(marker);
  if (outcome.kind === "malformed") throw invalid(source, outcome.because);
  return outcome.text;
}

function addressOf({ source, table }: NamedDependency, file: string | null): string | null {
  const git = table["git"];
  const plain = file ?? table["url"];
  if (typeof git !== "string" && typeof plain !== "string") return null;
  const ref = [table["ref"], table["rev"], table["tag"], table["branch"]].find(
    (value) => typeof value === "string",
  );
  const part = table["subdirectory"];
  const address =
    typeof git === "string"
      ? `git+${git.replace(/^git\+/, "").replace(/^git@([^:/]+):/, "ssh://git@$1/")}` +
        (typeof ref === "string" ? `@${ref}` : "") +
        (typeof part === "string" ? `#subdirectory=${part}` : "")
      : String(plain);
  if (/^(?:https?|git\+https?|git\+ssh):\/\/[^/\s]\S*$/i.test(address) && !address.includes("${")) {
    if (!hasControlCharacters(address)) return address;
  }
  throw unsupported(source, `${quote(address)} is not an address that can be installed from here`);
}

function takePath(tree: RepoTree, wanted: Wanted, one: NamedDependency, written: string): void {
  const { source, table, extras } = one;
  const path = joinInside(directoryOf(source.file), written);
  const entry = path === null ? null : tree.lookup(path);
  if (path === null || entry === null || entry.kind === "missing" || entry.kind === "outside") {
    throw invalid(source, `there is no ${quote(written)} in the repository`);
  }
  const marker = markerOf(one);
  if (entry.kind === "file") {
    if (!isArchive(path)) throw invalid(source, `${quote(written)} is not a package`);
    wanted.archives.push({ source, path, extras, marker });
    return;
  }
  const isEditable = table["editable"] === true || table["develop"] === true;
  wanted.projects.push({ source, directory: path, extras, isEditable, marker });
}
