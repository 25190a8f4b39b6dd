/** One requirement as PEP 508 writes it: checked, taken apart, and written in one normal form. */

export interface Requirement {
  /** As PEP 503 normalises it: `jupyter_server` and `Jupyter.Server` are `jupyter-server`. */
  readonly name: string;
  /** Normalised, sorted, each once. */
  readonly extras: readonly string[];
  /** Comma-separated clauses without spaces, sorted; "" for any version. */
  readonly specifier: string;
  readonly url: string | null;
  /** With one space between words, strings in double quotes where possible; null for none. */
  readonly marker: string | null;
}

export type RequirementOutcome =
  | { readonly kind: "parsed"; readonly requirement: Requirement }
  | { readonly kind: "malformed"; readonly because: string };

/** PEP 503. */
export function normalizeName(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, "-");
}

const NAME = /^([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*/;
const CLAUSE = /^(===|==|~=|!=|<=|>=|<|>)\s*([A-Za-z0-9.*+!_-]+)$/;

export function parseRequirement(text: string): RequirementOutcome {
  const named = NAME.exec(text);
  if (named === null) return malformed(`${quote(text)} does not begin with a package's name`);
  let rest = text.slice(named[0].length);

  let extras: string[] = [];
  if (rest.startsWith("[")) {
    const close = rest.indexOf("]");
    if (close < 0) return malformed(`the "[" of ${quote(text)} is never closed`);
    extras = rest
      .slice(1, close)
      .split(",")
      .map((extra) => extra.trim());
    if (extras.length === 1 && extras[0] === "") extras = [];
    const wrong = extras.find((extra) => !/^[A-Za-z0-9._-]+$/.test(extra));
    if (wrong !== undefined) return malformed(`${quote(wrong)} is not the name of an extra`);
    rest = rest.slice(close + 1).trimStart();
  }

  const base = {
    name: normalizeName(named[1] as string),
    extras: [...new Set(extras.map(normalizeName))].sort(),
  };
  return rest.startsWith("@") ? withUrl(base, rest.slice(1).trim()) : withVersion(base, text, rest);
}

type Base = Pick<Requirement, "name" | "extras">;

function withUrl(base: Base, rest: string): RequirementOutcome {
  const semicolon = /\s;/.exec(rest);
  const url = (semicolon === null ? rest : rest.slice(0, semicolon.index)).trim();
  if (url === "" || /\s/.test(url) || hasControlCharacters(url))
    return malformed(`${quote(url)} is not an address`);
  const marker = semicolon === null ? null : parseMarker(rest.slice(semicolon.index + 2));
  if (marker?.kind === "malformed") return marker;
  return parsed({ ...base, specifier: "", url, marker: marker?.text ?? null });
}

function withVersion(base: Base, text: string, rest: string): RequirementOutcome {
  const semicolon = rest.indexOf(";");
  let versions = (semicolon < 0 ? rest : rest.slice(0, semicolon)).trim();
  if (versions.startsWith("(") && versions.endsWith(")")) versions = versions.slice(1, -1).trim();
  const clauses: string[] = [];
  for (const clause of versions.split(",").map((part) => part.trim())) {
    if (clause === "") continue;
    const match = CLAUSE.exec(clause);
    if (match === null) return malformed(whyNoClause(text, clause));
    clauses.push(`${match[1]}${match[2]}`);
  }
  const marker = semicolon < 0 ? null : parseMarker(rest.slice(semicolon + 1));
  if (marker?.kind === "malformed") return marker;
  const specifier = [...new Set(clauses)].sort().join(",");
  return parsed({ ...base, specifier, url: null, marker: marker?.text ?? null });
}

function whyNoClause(text: string, clause: string): string {
  if (/^=[^=]/.test(clause)) return `${quote(text)} has a single "="; pip's form is "=="`;
  return `${quote(clause)} in ${quote(text)} is not a version clause such as ">=1.2"`;
}

function parsed(requirement: Requirement): RequirementOutcome {
  return { kind: "parsed", requirement };
}

/** The line that means this requirement, always the same for the same meaning. */
export function formatRequirement(requirement: Requirement): string {
  const extras = requirement.extras.length > 0 ? `[${requirement.extras.join(",")}]` : "";
  const what = requirement.url === null ? requirement.specifier : ` @ ${requirement.url}`;
  const marker = requirement.marker === null ? "" : ` ; ${requirement.marker}`;
  return `${requirement.name}${extras}${what}${marker}`;
}

const MARKER_TOKEN =
  /\s*(?:(\(|\)|===|==|~=|!=|<=|>=|<|>)|('[^']*'|"[^"]*")|([a-z_.]+(?![a-z0-9_.])))/y;
const MARKER_VARIABLES = new Set(
  `os_name sys_platform platform_machine platform_python_implementation platform_release
   platform_system platform_version python_version python_full_version implementation_name
   implementation_version extra os.name sys.platform platform.machine platform.version
   platform.python_implementation python_implementation extras dependency_groups`.split(/\s+/),
);
const MARKER_DEPTH_MAX = 50;

type MarkerOutcome =
  | { readonly kind: "marker"; readonly text: string }
  | { readonly kind: "malformed"; readonly because: string };

/** Checks a PEP 508 marker against its grammar; its meaning is uv's business. */
export function parseMarker(text: string): MarkerOutcome {
  const tokens = markerTokens(text);
  const wrong = malformed(`${quote(text.trim())} is not an environment marker`);
  // A line break within quotes would begin another line for the installer.
  if (tokens === null || hasControlCharacters(text.trim())) return wrong;
  const end = markerOr(tokens, 0, 0);
  return end === tokens.length ? { kind: "marker", text: joinMarker(tokens) } : wrong;
}

function markerTokens(text: string): string[] | null {
  const tokens: string[] = [];
  const trimmed = text.trim();
  MARKER_TOKEN.lastIndex = 0;
  while (MARKER_TOKEN.lastIndex < trimmed.length) {
    const match = MARKER_TOKEN.exec(trimmed);
    if (match === null) return null;
    const quoted = match[2];
    if (quoted === undefined) tokens.push((match[1] ?? match[3]) as string);
    else
      tokens.push(
        quoted.includes('"') && quoted.startsWith("'") ? quoted : `"${quoted.slice(1, -1)}"`,
      );
  }
  return tokens;
}

/** Each of these returns the index after what it understood, or -1. */
function markerOr(tokens: readonly string[], from: number, depth: number): number {
  let at = markerAnd(tokens, from, depth);
  while (at >= 0 && tokens[at] === "or") at = markerAnd(tokens, at + 1, depth);
  return at;
}

function markerAnd(tokens: readonly string[], from: number, depth: number): number {
  let at = markerTerm(tokens, from, depth);
  while (at >= 0 && tokens[at] === "and") at = markerTerm(tokens, at + 1, depth);
  return at;
}

function markerTerm(tokens: readonly string[], from: number, depth: number): number {
  if (tokens[from] === "(") {
    if (depth >= MARKER_DEPTH_MAX) return -1;
    const close = markerOr(tokens, from + 1, depth + 1);
    return close >= 0 && tokens[close] === ")" ? close + 1 : -1;
  }
  if (!isMarkerValue(tokens[from])) return -1;
  const isNotIn = tokens[from + 1] === "not" && tokens[from + 2] === "in";
  if (!isNotIn && !/^(?:[=~!<>]+|in)$/.test(tokens[from + 1] ?? "")) return -1;
  const right = from + (isNotIn ? 3 : 2);
  return isMarkerValue(tokens[right]) ? right + 1 : -1;
}

function isMarkerValue(token: string | undefined): boolean {
  return token !== undefined && (/^['"]/.test(token) || MARKER_VARIABLES.has(token));
}

function joinMarker(tokens: readonly string[]): string {
  let text = "";
  for (const [i, token] of tokens.entries()) {
    text += i === 0 || tokens[i - 1] === "(" || token === ")" ? token : ` ${token}`;
  }
  return text;
}

function malformed(because: string): { readonly kind: "malformed"; readonly because: string } {
  return { kind: "malformed", because };
}

/** Line breaks, tabs, NUL …: no value of a plan has any of them. */
export function hasControlCharacters(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code < 0x20 || code === 0x7f) return true;
  }
  return false;
}

/** An address on the web that can be handed on as one word. */
export function isWebAddress(text: string): boolean {
  return /^https?:\/\/[^/\s]\S*$/i.test(text) && !hasControlCharacters(text);
}

const ARCHIVE = /\.(?:whl|zip|tar|tar\.gz|tgz|tar\.bz2|tbz|tar\.xz|txz|tlz|tar\.lz|tar\.lzma)$/i;

/** A wheel or a source archive, by its name. */
export function isArchive(path: string): boolean {
  return ARCHIVE.test(path);
}

/** A piece of the repository's text inside a message: short and on one line. */
export function quote(text: string): string {
  const shown = text.length > 80 ? `${text.slice(0, 77)}…` : text;
  return JSON.stringify(shown);
}
