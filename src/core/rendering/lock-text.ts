/** The lock of an environment as text: facts in comments, then a requirements file with hashes. Pure. */
import type { ContextFile } from "./image-scripts.ts";

export interface LockedDebianPackage {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  readonly sha256: string;
}

export interface EnvironmentLock {
  /** What made it: the version of the builder and of its installer. */
  readonly builder: string;
  readonly key: string;
  readonly repository: string;
  readonly commit: string;
  /** The system below it: its name, and a digest of what is installed there. */
  readonly base: string;
  readonly python: string;
  /** `2024-01-31`, or null. */
  readonly asOf: string | null;
  readonly apt: readonly LockedDebianPackage[];
  /** Addresses of conda packages with `#` and their digest; empty without a conda environment. */
  readonly conda: readonly string[];
  /** `name=version` of R's packages, and `name@version integrity` of npm's. */
  readonly r: readonly string[];
  readonly npm: readonly string[];
  /** Lines of a requirements file, without those of the repository. */
  readonly requirements: string;
  /** What was built from the repository or by address: `name==version @ address`. */
  readonly built: readonly string[];
}

const TITLE =
  "# Lock of an environment, made by Bindery. `pip install --requirement` reads it, too.";

export function formatLock(lock: EnvironmentLock): string {
  const facts = [
    ["builder", lock.builder],
    ["environment", lock.key],
    ["repository", `${oneLine(lock.repository)} ${lock.commit}`],
    ["base", oneLine(lock.base)],
    ["python", lock.python],
    ...(lock.asOf === null ? [] : [["as of", lock.asOf]]),
    ...lock.apt.map((one) => [
      "apt",
      `${one.name}=${one.version} ${one.architecture} sha256:${one.sha256}`,
    ]),
    ...lock.conda.map((one) => ["conda", oneLine(one)]),
    ...lock.r.map((one) => ["r", oneLine(one)]),
    ...lock.npm.map((one) => ["npm", oneLine(one)]),
    ...lock.built.map((one) => ["built from source", oneLine(one)]),
  ];
  const lines = facts.map(([name, value]) => `# ${name}: ${value}`);
  return `${[TITLE, ...lines, "", lock.requirements.trimEnd()].join("\n").trimEnd()}\n`;
}

/** What a lock says; null where the text is none. */
export function parseLock(text: string): EnvironmentLock | null {
  const lines = text.split("\n");
  if (lines[0] !== TITLE) return null;
  const all = (name: string): readonly string[] =>
    lines.flatMap((line) => (line.startsWith(`# ${name}: `) ? [line.slice(name.length + 4)] : []));
  const one = (name: string): string => all(name)[0] ?? "";
  const [repository = "", commit = ""] = one("repository").split(/ (?=[0-9a-f]{40}$)/);
  return {
    builder: one("builder"),
    key: one("environment"),
    ...{ repository, commit, base: one("base"), python: one("python") },
    asOf: one("as of") || null,
    apt: all("apt").flatMap((line) => aptOf(line) ?? []),
    ...{ conda: all("conda"), r: all("r"), npm: all("npm") },
    requirements: lines.filter((line) => !line.startsWith("#") && line !== "").join("\n"),
    built: all("built from source"),
  };
}

/** Files for `.binder/` that ask for exactly what the lock holds. */
export function binderFiles(lock: EnvironmentLock): readonly ContextFile[] {
  const file = (path: string, lines: readonly string[]): ContextFile => ({
    path,
    text: `${lines.join("\n")}\n`,
    isExecutable: false,
  });
  const made = `# Made by \`bindery lock\` from ${oneLine(lock.repository)} ${lock.commit}.`;
  const apt = lock.apt.map(({ name, version }) => `${name}=${version}`);
  const debian = apt.length === 0 ? [] : [file("apt.txt", [made, ...apt])];
  if (lock.conda.length > 0 && lock.requirements.length + lock.built.length > 0) {
    return [...debian, file("environment.yml", [made, ...condaWithPip(lock)])];
  }
  return [
    ...debian,
    ...(lock.conda.length === 0
      ? [file("runtime.txt", [`python-${lock.python}`])]
      : [file(`conda-${condaPlatform(lock)}.lock`, [made, "@EXPLICIT", ...lock.conda])]),
    ...(lock.requirements === "" && lock.built.length === 0
      ? []
      : [file("requirements.txt", [made, lock.requirements, ...lock.built.flatMap(builtLine)])]),
  ];
}

function condaPlatform({ conda }: EnvironmentLock): string {
  return conda.some((one) => one.includes("/linux-aarch64/")) ? "linux-aarch64" : "linux-64";
}

/** conda's list of addresses has no place for pip's packages: each one by name, version and build. */
function condaWithPip({ conda, requirements, built }: EnvironmentLock): readonly string[] {
  const packages = conda.flatMap((address) => condaOf(address) ?? []);
  const channels = [...new Set(packages.map(({ channel }) => channel))];
  const pins = requirements
    .split("\n")
    .flatMap((line) => /^[A-Za-z0-9][^\s\\]*==[^\s\\]+/.exec(line)?.[0] ?? []);
  return [
    "channels:",
    ...[...channels, "nodefaults"].map((channel) => `  - ${JSON.stringify(channel)}`),
    "dependencies:",
    ...packages.map(({ pin }) => `  - ${JSON.stringify(pin)}`),
    "  - pip:",
    ...[...pins, ...built.flatMap(builtLine)].map((line) => `    - ${JSON.stringify(line)}`),
  ];
}

/** `https://host/channel/linux-64/name-1.2-h_0.conda#…` */
function condaOf(address: string): { readonly channel: string; readonly pin: string } | null {
  const parts = /^(.+)\/[^/]+\/([^/]+)-([^-/]+)-([^-/]+)\.(?:conda|tar\.bz2)(?:#.*)?$/.exec(
    address,
  );
  if (parts === null) return null;
  const [, channel = "", name = "", version = "", build = ""] = parts;
  return { channel, pin: `${name}=${version}=${build}` };
}

/** By address where there is one; what lies in the repository is installed from where it lies. */
function builtLine(built: string): readonly string[] {
  const [pin = "", address = ""] = built.split(" @ ");
  const name = pin.split("==")[0] ?? pin;
  const inside = /^file:\/\/\/home\/jovyan\/?(.*)$/.exec(address)?.[1];
  if (inside !== undefined) return [`./${decodeURIComponent(inside)}`];
  return address === "" ? [] : [`${name} @ ${address}`];
}

function aptOf(line: string): LockedDebianPackage | null {
  const [pin = "", architecture = "", digest = ""] = line.split(" ");
  const at = pin.indexOf("=");
  if (at < 0) return null;
  const sha256 = digest.replace("sha256:", "");
  return { name: pin.slice(0, at), version: pin.slice(at + 1), architecture, sha256 };
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}
