/** A requirements file taken apart as pip does: logical lines, each with its kind. */
import { AppError } from "../errors.ts";
import type { PipOption, PlanSource } from "./plan.ts";
import {
  formatRequirement,
  hasControlCharacters,
  isArchive,
  parseMarker,
  parseRequirement,
  quote,
} from "./requirement.ts";
import type { Requirement } from "./requirement.ts";

export type RequirementLine = { readonly source: PlanSource } & (
  | {
      readonly kind: "requirement";
      readonly requirement: Requirement;
      /** Sorted `--hash` values, `sha256:…`. */
      readonly hashes: readonly string[];
    }
  /** `-r` or `-c`; the path as written, relative to the file that holds the line. */
  | { readonly kind: "include"; readonly isConstraint: boolean; readonly path: string }
  /** A directory or archive of the repository, as written. */
  | {
      readonly kind: "local";
      readonly path: string;
      readonly extras: readonly string[];
      readonly isEditable: boolean;
      readonly marker: string | null;
    }
  /** A version-control or archive address without a package's name. */
  | {
      readonly kind: "address";
      readonly url: string;
      readonly marker: string | null;
      readonly hashes: readonly string[];
    }
  | { readonly kind: "option"; readonly option: PipOption }
);

const VALUE_OPTIONS: Readonly<Record<string, PipOption["name"]>> = {
  "-i": "index-url",
  "--index-url": "index-url",
  "--pypi-url": "index-url",
  "--extra-index-url": "extra-index-url",
  "-f": "find-links",
  "--find-links": "find-links",
  "--no-binary": "no-binary",
  "--only-binary": "only-binary",
  "--trusted-host": "trusted-host",
};
const FLAG_OPTIONS: Readonly<Record<string, PipOption["name"]>> = {
  "--no-index": "no-index",
  "--pre": "pre",
  "--require-hashes": "require-hashes",
};
/** They change nothing about what is installed here; the value says whether one follows. */
const INERT_OPTIONS: Readonly<Record<string, boolean>> = {
  "--prefer-binary": false,
  "--use-feature": true,
};

/** Takes a file apart. Throws `config-invalid` or `config-unsupported` with file and line. */
export function requirementLines(file: string, text: string): readonly RequirementLine[] {
  return logicalLines(text).flatMap(({ line, words }) => parseLine({ file, line }, words));
}

/** Lines that say something: without comments and blank lines, with their numbers. */
export function meaningfulLines(text: string): readonly LogicalLine[] {
  return text
    .split(/\r\n|\r|\n/)
    .map((words, index) => ({ line: index + 1, words: withoutComment(words).trim() }))
    .filter(({ words }) => words !== "");
}

export interface LogicalLine {
  /** Of its first physical line, from 1. */
  readonly line: number;
  readonly words: string;
}

function logicalLines(text: string): LogicalLine[] {
  const found: LogicalLine[] = [];
  let line = 1;
  let words = "";
  const physicalLines = text.split(/\r\n|\r|\n/);
  for (const [index, physical] of physicalLines.entries()) {
    const isComment = /^\s*#/.test(physical);
    const isContinued = physical.endsWith("\\") && !isComment;
    // The space keeps a comment after a continued line a comment.
    words += isContinued ? physical.slice(0, -1) : isComment ? ` ${physical}` : physical;
    if (isContinued && index + 1 < physicalLines.length) continue;
    const said = withoutComment(words).trim();
    if (said !== "") found.push({ line, words: said });
    line = index + 2;
    words = "";
  }
  return found;
}

/** A `#` begins a comment at the start of a line or after white space. */
function withoutComment(words: string): string {
  for (let at = words.indexOf("#"); at >= 0; at = words.indexOf("#", at + 1)) {
    if (at === 0 || /\s/.test(words[at - 1] as string)) return words.slice(0, at);
  }
  return words;
}

/** One line that is already joined and free of comments. Throws as `requirementLines` does. */
export function parseLine(source: PlanSource, words: string): readonly RequirementLine[] {
  if (words.includes("${")) {
    throw unsupported(source, "uses an environment variable, and builds see none of yours");
  }
  if (words.startsWith("-")) return optionLine(source, words);
  return [requirementLine(source, words)];
}

/** `-r a.txt`, `--index-url=X --pre`, `-e .` …: a line of options. */
function optionLine(source: PlanSource, text: string): RequirementLine[] {
  const editable = /^(?:-e|--editable)(?:\s+|=|(?=[^\s=-]))(.+)$/.exec(text);
  if (editable !== null) return [editableLine(source, unquote((editable[1] as string).trim()))];
  const lines: RequirementLine[] = [];
  const words = splitWords(text);
  while (words.length > 0) {
    const [name, inline] = splitOption(words.shift() as string);
    const value = () => {
      const found = inline ?? words.shift();
      if (found === undefined || found === "" || hasControlCharacters(found)) {
        throw invalid(source, `${name} needs a value`);
      }
      return found;
    };
    const valued = VALUE_OPTIONS[name];
    const flag = FLAG_OPTIONS[name];
    if (["-r", "--requirement", "-c", "--constraint"].includes(name)) {
      const isConstraint = name === "-c" || name === "--constraint";
      lines.push({ source, kind: "include", isConstraint, path: value() });
    } else if (valued !== undefined) {
      lines.push({ source, kind: "option", option: { name: valued, value: value() } });
    } else if (flag !== undefined) {
      lines.push({ source, kind: "option", option: { name: flag, value: null } });
    } else if (INERT_OPTIONS[name] === undefined) {
      throw invalid(source, `${quote(name)} is not an option of a requirements file`);
    } else if (INERT_OPTIONS[name]) value();
  }
  return lines;
}

function splitOption(word: string): [string, string | null] {
  const short = /^(-[ricf])(.+)$/.exec(word);
  if (short !== null && !word.startsWith("--")) {
    return [short[1] as string, (short[2] as string).replace(/^=/, "")];
  }
  const equals = word.indexOf("=");
  return equals < 0 ? [word, null] : [word.slice(0, equals), word.slice(equals + 1)];
}

function splitWords(text: string): string[] {
  return [...text.matchAll(/(?:[^\s"']+|"[^"]*"|'[^']*'|["'])+/g)].map(([word]) =>
    word.replace(
      /"([^"]*)"|'([^']*)'/g,
      (_, double?: string, single?: string) => double ?? single ?? "",
    ),
  );
}

function unquote(text: string): string {
  return /^(["']).*\1$/.test(text) ? text.slice(1, -1) : text;
}

function editableLine(source: PlanSource, what: string): RequirementLine {
  if (!/^[a-z+]+:\/\//i.test(what) && !/^git\+/i.test(what)) {
    return { ...localLine(source, what), isEditable: true };
  }
  if (what.startsWith("file:"))
    return { ...localLine(source, filePath(source, what)), isEditable: true };
  return addressLine(source, what, []);
}

function requirementLine(source: PlanSource, text: string): RequirementLine {
  const hashes = [...text.matchAll(/\s--hash[= ]\s*(\S+)/g)].map(([, hash]) => hash as string);
  const bare = text.replace(/\s--hash[= ]\s*\S+/g, "").trim();
  const option = /\s(--[a-z-]+)/.exec(bare);
  if (option !== null) throw unsupported(source, `${quote(option[1] as string)} is not understood`);
  const wrongHash = hashes.find((hash) => !/^(?:md5|sha\d+):[0-9a-fA-F]+$/.test(hash));
  if (wrongHash !== undefined) throw invalid(source, `${quote(wrongHash)} is not a hash`);

  const isNamed = /^[A-Za-z0-9._-]+\s*(?:\[[^\]]*\]\s*)?@/.test(bare);
  if (!isNamed) {
    if (/^file:/i.test(bare)) return localLine(source, filePath(source, bare));
    if (/^[a-z][a-z+]*:\/\//i.test(bare) || /^git\+/i.test(bare))
      return addressLine(source, bare, hashes);
    const path = (bare.split(/\s;|\[/)[0] as string).trim();
    if (path.startsWith(".") || /^[^\s<>=!~;]*\//.test(path) || isArchive(path))
      return localLine(source, bare);
  }
  const outcome = parseRequirement(bare);
  if (outcome.kind === "malformed") throw invalid(source, outcome.because);
  const { requirement } = outcome;
  if (requirement.url !== null) return namedAddress(source, requirement, hashes);
  return { source, kind: "requirement", requirement, hashes: sortedOnce(hashes) };
}

function namedAddress(
  source: PlanSource,
  requirement: Requirement,
  hashes: readonly string[],
): RequirementLine {
  const url = requirement.url as string;
  if (/^file:/i.test(url) || !/:/.test(url)) {
    const path = /^file:/i.test(url) ? filePath(source, url) : url;
    const { extras, marker } = requirement;
    return { source, kind: "local", path, extras, isEditable: false, marker };
  }
  refuseAddress(source, url);
  return { source, kind: "requirement", requirement, hashes: sortedOnce(hashes) };
}

/** `git+https://host/x.git@v1#egg=name` becomes `name @ git+https://host/x.git@v1`. */
function addressLine(source: PlanSource, text: string, hashes: readonly string[]): RequirementLine {
  const [address, markerText] = splitMarker(text);
  refuseAddress(source, address);
  const marker = markerText === null ? null : markerOf(source, markerText);
  const egg = /[#&]egg=([A-Za-z0-9._-]+)(?:\[([^\]]*)\])?/.exec(address);
  if (egg === null) {
    return { source, kind: "address", url: address, marker, hashes: sortedOnce(hashes) };
  }
  const url = address.replace(/([#&])egg=[^&]*&?/, "$1").replace(/[#&]$/, "");
  const named = `${egg[1]}${egg[2] === undefined ? "" : `[${egg[2]}]`} @ ${url}`;
  const outcome = parseRequirement(named);
  if (outcome.kind === "malformed") throw invalid(source, outcome.because);
  const requirement = { ...outcome.requirement, marker };
  return { source, kind: "requirement", requirement, hashes: sortedOnce(hashes) };
}

function refuseAddress(source: PlanSource, url: string): void {
  if (/\s/.test(url) || hasControlCharacters(url)) {
    throw invalid(source, `${quote(url)} is not an address`);
  }
  if (!/^(?:https?|git\+(?:https?|ssh|git|file)):\/\/[^/]/i.test(url) && !/^git\+ssh:/i.test(url)) {
    throw unsupported(source, `${quote(url)} is not an address that can be installed from here`);
  }
  if (/^git\+file:/i.test(url)) {
    throw unsupported(source, `${quote(url)} is a path of the machine where it was written`);
  }
}

function localLine(source: PlanSource, text: string): RequirementLine & { kind: "local" } {
  const [what, markerText] = splitMarker(text);
  const bracket = what.endsWith("]") ? what.lastIndexOf("[") : what.length;
  const named = parseRequirement(`x${what.slice(bracket)}`);
  if (named.kind === "malformed") throw invalid(source, named.because);
  const { extras } = named.requirement;
  const marker = markerText === null ? null : markerOf(source, markerText);
  return { source, kind: "local", path: what.slice(0, bracket), extras, isEditable: false, marker };
}

function filePath(source: PlanSource, url: string): string {
  const path = url.replace(/^file:(?:\/\/(?:localhost)?(?=\/))?/i, "").replace(/#.*$/, "");
  const home = "/home/jovyan/";
  if (path.startsWith(home)) return path.slice(home.length) || ".";
  if (!path.startsWith("/")) return path;
  throw invalid(source, `${quote(url)} is a path of the machine where it was written`);
}

function splitMarker(text: string): [string, string | null] {
  const at = /\s;|;\s/.exec(text);
  return at === null
    ? [text.trim(), null]
    : [text.slice(0, at.index).trim(), text.slice(at.index + at[0].length)];
}

function markerOf(source: PlanSource, text: string): string {
  const outcome = parseMarker(text);
  if (outcome.kind === "malformed") throw invalid(source, outcome.because);
  return outcome.text;
}

function sortedOnce(values: readonly string[]): string[] {
  return [...new Set(values)].sort();
}

/** The line as it is given to the installer, always the same for the same meaning. */
export function formatLine(line: { requirement: Requirement; hashes: readonly string[] }): string {
  const hashes = line.hashes.map((hash) => ` --hash=${hash}`).join("");
  return formatRequirement(line.requirement) + hashes;
}

export function invalid({ file, line }: PlanSource, because: string): AppError {
  return new AppError("config-invalid", `${file}:${line}: ${because}.`, { detail: { file, line } });
}

export function unsupported({ file, line }: PlanSource, because: string): AppError {
  return new AppError("config-unsupported", `${file}:${line}: ${because}.`, {
    detail: { file, line },
  });
}
