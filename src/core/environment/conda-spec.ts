/** One line of a conda environment: checked, taken apart, and written in one form for every solver. */
import { quote } from "./requirement.ts";

export interface CondaSpec {
  /** `conda-forge`, or null for any of the environment's channels. */
  readonly channel: string | null;
  /** In lower case. */
  readonly name: string;
  /** `3.12.*`, `>=1.2,<2`; null for any. */
  readonly version: string | null;
  /** `py312h_0`, `*mpi*`; null for any. */
  readonly build: string | null;
}

export type CondaSpecOutcome =
  | { readonly kind: "spec"; readonly spec: CondaSpec }
  | { readonly kind: "malformed"; readonly because: string };

const CHARACTERS_MAX = 500;
const CHANNEL = /^[A-Za-z0-9][A-Za-z0-9_./-]*$/;
const CHANNEL_ADDRESS = /^https?:\/\/[A-Za-z0-9.-]+(?::\d+)?(?:\/[A-Za-z0-9._~%/+-]*)?$/;
const NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]*/;
const CLAUSE = /^(?:(?:[<>]=?|[=!~]=|=)[0-9A-Za-z][0-9A-Za-z.+!_*-]*|[0-9][0-9A-Za-z.+!_*-]*|\*)$/;
const BUILD = /^[A-Za-z0-9_.*+]+$/;

/** `numpy`, `numpy=1.26`, `python 3.12`, `conda-forge::python >=3.11,<3.13`, `mpich=4=h1_0` … */
export function parseCondaSpec(text: string): CondaSpecOutcome {
  const bare = text.replace(/\s#.*$/, "").trim();
  if (bare.length > CHARACTERS_MAX) return malformed(text, "is too long");
  const cut = bare.indexOf("::");
  const channel = cut < 0 ? null : bare.slice(0, cut).trim();
  if (channel !== null && !CHANNEL.test(channel)) return malformed(text, "names no channel");
  const rest = cut < 0 ? bare : bare.slice(cut + 2).trim();
  const name = NAME.exec(rest)?.[0];
  if (name === undefined) return malformed(text, "does not begin with a package's name");
  const after = rest.slice(name.length);
  if (after.startsWith("[")) return withBrackets({ text, channel, name, after });
  if (after !== "" && !/^[\s<>=!~]/.test(after)) return malformed(text, "is not a conda package");
  const constraint = constraintOf(after);
  if (constraint === null) return malformed(text, "has no version that conda understands");
  return specOf(name, { channel, ...constraint });
}

function specOf(name: string, rest: Omit<CondaSpec, "name">): CondaSpecOutcome {
  const lower = name.toLowerCase();
  // People write `python 3.12` and mean any 3.12; to conda it is the very first one.
  const isLoosePython = lower === "python" && /^\d+(?:\.\d+)?$/.test(rest.version ?? "");
  const version = isLoosePython && rest.build === null ? `${rest.version}.*` : rest.version;
  return { kind: "spec", spec: { ...rest, name: lower, version } };
}

interface Bracketed {
  readonly text: string;
  readonly channel: string | null;
  readonly name: string;
  readonly after: string;
}

/** `numpy[version=">=1.2",build=py*]`. */
function withBrackets({ text, channel, name, after }: Bracketed): CondaSpecOutcome {
  const inside = /^\[(.*)\]$/.exec(after)?.[1];
  if (inside === undefined) return malformed(text, "has a bracket that is never closed");
  const found = new Map<string, string>();
  const pair = /\s*([a-z_]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^,"'\s]+))\s*(?:,|$)/y;
  while (pair.lastIndex < inside.length) {
    const match = pair.exec(inside);
    if (match === null) return malformed(text, "has brackets; extras are pip's, under `pip:`");
    found.set(match[1] ?? "", match[2] ?? match[3] ?? match[4] ?? "");
  }
  const unknown = [...found.keys()].find((key) => !["version", "build", "channel"].includes(key));
  if (unknown !== undefined) return malformed(text, `uses ${quote(unknown)}`);
  const version = constraintOf(` ${found.get("version") ?? ""}`);
  const build = found.get("build") ?? null;
  const from = found.get("channel") ?? channel;
  if (version === null || version.build !== null || (build !== null && !BUILD.test(build))) {
    return malformed(text, "has no version that conda understands");
  }
  if (from !== null && !CHANNEL.test(from)) return malformed(text, "names no channel");
  return specOf(name, { channel: from, version: version.version, build });
}

/** Null when it is none. */
function constraintOf(text: string): Pick<CondaSpec, "version" | "build"> | null {
  const tight = text
    .trim()
    .replace(/([<>=!~])\s+/g, "$1")
    .replace(/\s*([,|])\s*/g, "$1");
  if (tight === "") return { version: null, build: null };
  const fuzzy = /^(={1,2})([^\s=<>!~,|]+)(?:(?:=|\s+)(\S+))?$/.exec(tight);
  if (fuzzy !== null) {
    const [, equals, version = "", build = null] = fuzzy;
    return checked(fuzzyVersion(version, equals === "==" || build !== null), build);
  }
  const [version = "", build = null, ...more] = tight.split(/\s+/);
  if (more.length > 0) return null;
  const pinned = build === null ? /^([^=<>!~,|]+)=([^=<>!~,|]+)$/.exec(version) : null;
  return pinned === null
    ? checked(version, build)
    : checked(`==${pinned[1] ?? ""}`, pinned[2] ?? null);
}

function fuzzyVersion(version: string, isExact: boolean): string {
  if (version.includes("*")) return version;
  return isExact ? `==${version}` : `${version}.*`;
}

function checked(
  version: string,
  build: string | null,
): Pick<CondaSpec, "version" | "build"> | null {
  const isVersion = version.split(/[,|]/).every((clause) => CLAUSE.test(clause));
  return isVersion && (build === null || BUILD.test(build)) ? { version, build } : null;
}

/** The name of a channel, or its address, without a password. */
export function isChannel(text: string): boolean {
  return CHANNEL.test(text) || CHANNEL_ADDRESS.test(text);
}

/** As rattler, mamba and pixi read it: `conda-forge::python 3.12.* *_cpython`. */
export function formatCondaSpec({ channel, name, version, build }: CondaSpec): string {
  const from = channel === null ? "" : `${channel}::`;
  const constraint = version === null && build !== null ? "*" : version;
  return [`${from}${name}`, constraint, build].filter((part) => part !== null).join(" ");
}

function malformed(text: string, because: string): CondaSpecOutcome {
  return { kind: "malformed", because: `${quote(text)} ${because}` };
}
