/** The files that describe a conda environment, and which of them is it. */
import { type CondaEnvironment, readCondaEnvironment } from "./conda-environment.ts";
import { explicitLines } from "./conda-explicit.ts";
import { type CondaSpec, formatCondaSpec } from "./conda-spec.ts";
import { digestOfList, digestOfSet } from "./digests.ts";
import { lineOf, parseToml, tableOf } from "./documents.ts";
import { pixiEnvironment, pixiHasOwnCode } from "./pixi.ts";
import type { CondaStep } from "./plan.ts";
import { contentHash, note, present, type Reading, unusable } from "./reading.ts";
import type { Requirement } from "./requirement.ts";
import { nothingWanted, type Wanted } from "./requirements-files.ts";

export interface CondaFiles {
  readonly step: Omit<CondaStep, "added" | "python">;
  readonly specs: readonly CondaSpec[];
  readonly pip: Wanted;
  readonly variables: Readonly<Record<string, string>>;
  /** Null when `specs` say everything. */
  readonly lockDigest: string | null;
}

/** What decides, first one first. environment.yml is repo2docker's; the others it passes over. */
export function findConda(reading: Reading): "environment" | "lock" | "pixi" | null {
  const has = (...names: readonly string[]) =>
    names.some((name) => present(reading, name) !== null);
  if (has("environment.yml", "environment.yaml")) return "environment";
  if (has("conda-lock.yml", explicitName(reading))) return "lock";
  return has("pixi.toml") || pixiInPyproject(reading) !== null ? "pixi" : null;
}

export function readConda(reading: Reading): CondaFiles | null {
  const both = ["environment.yml", "environment.yaml"].map((name) => present(reading, name));
  const [first, second] = both.filter((path) => path !== null);
  if (first === undefined) return readLocks(reading) ?? readPixi(reading);
  if (second !== undefined) note(reading, second, "ignored", `${first} decides, as in repo2docker`);
  const lock = present(reading, "conda-lock.yml");
  if (lock !== null && belongsTo(reading, lock, first)) {
    note(reading, first, "used", "the lock beside it belongs to it");
    reading.differs.push(`repo2docker does not read ${lock}; it solves ${first} anew.`);
    return locked(reading, "conda-lock", lock, [lock, first]);
  }
  if (lock !== null) note(reading, lock, "ignored", `${first} decides, as in repo2docker`);
  note(reading, first, "used", "it describes a conda environment");
  return solved(reading, readCondaEnvironment(reading, first));
}

function readLocks(reading: Reading): CondaFiles | null {
  const lock = present(reading, "conda-lock.yml");
  const explicit = present(reading, explicitName(reading));
  const path = lock ?? explicit;
  if (path === null) return null;
  reading.differs.push(`repo2docker does not read ${path}.`);
  if (lock === null) return locked(reading, "explicit", path, [path]);
  if (explicit !== null) note(reading, explicit, "ignored", `${lock} decides`);
  return locked(reading, "conda-lock", lock, [lock]);
}

function readPixi(reading: Reading): CondaFiles | null {
  const own = present(reading, "pixi.toml");
  const manifest = own ?? pixiInPyproject(reading);
  if (manifest === null) return null;
  const text = reading.tree.read(manifest) ?? "";
  const root = parseToml(manifest, text);
  const table = own === null ? tableOf(tableOf(root["tool"])["pixi"]) : root;
  const lock = present(reading, "pixi.lock");
  reading.differs.push(`repo2docker does not read ${lock ?? manifest}.`);
  if (lock !== null) {
    note(reading, manifest, "used", "the lock beside it belongs to it");
    const found = locked(reading, "pixi", lock, [lock, manifest]);
    const hasCode = pixiHasOwnCode(table);
    return {
      ...found,
      lockDigest: digestOfList([found.lockDigest, contentHash(reading, manifest)]),
      step: { ...found.step, files: hasCode ? [...found.step.files, "."] : found.step.files },
    };
  }
  note(reading, manifest, "used", "it describes a conda environment");
  const find = (needle: string) => ({ file: manifest, line: lineOf(text, needle) });
  const project = own === null ? tableOf(root["project"]) : {};
  return solved(reading, pixiEnvironment(reading, { table, project, find, file: manifest }));
}

/** pyproject.toml if it has a [tool.pixi] that says what to install. */
function pixiInPyproject(reading: Reading): string | null {
  const path = present(reading, "pyproject.toml");
  if (path === null) return null;
  const root = parseToml(path, reading.tree.read(path) ?? "");
  const pixi = tableOf(tableOf(tableOf(root)["tool"])["pixi"]);
  const says = ["dependencies", "pypi-dependencies", "feature", "workspace", "project"];
  return says.some((key) => pixi[key] !== undefined) ? path : null;
}

function solved(reading: Reading, environment: CondaEnvironment): CondaFiles {
  const { path, channels, specs, pip, variables } = environment;
  if (channels.includes("defaults")) {
    const terms = "Anaconda's own channel, which has terms of its own";
    reading.differs.push(`${path} names the channel defaults: ${terms}.`);
  }
  return {
    step: {
      ...{ kind: "conda", format: "environment", path, channels, environment: null },
      specs: specs.map(({ spec }) => formatCondaSpec(spec)),
      sources: specs.map(({ source }) => source),
      platform: condaPlatform(reading.platform),
      because: `${path} describes a conda environment`,
      asOf: reading.asOf,
      files: [path],
    },
    specs: specs.map(({ spec }) => spec),
    pip,
    variables,
    lockDigest: null,
  };
}

function locked(
  reading: Reading,
  format: "explicit" | "conda-lock" | "pixi",
  path: string,
  files: readonly string[],
): CondaFiles {
  note(reading, path, "used", "it says exactly what to install");
  const digest =
    format === "explicit"
      ? digestOfSet(explicitLines(path, reading.tree.read(path) ?? ""))
      : contentHash(reading, path);
  return {
    step: {
      ...{ kind: "conda", format, path, channels: [], specs: [], sources: [], files },
      environment: format === "explicit" ? null : "default",
      platform: condaPlatform(reading.platform),
      because: `${path} says exactly what to install`,
      asOf: null,
    },
    ...{ specs: [], pip: nothingWanted(), variables: {}, lockDigest: digest },
  };
}

/** Its head lists the files that it was made from; it can be too large to be read whole. */
function belongsTo(reading: Reading, lock: string, environment: string): boolean {
  const entry = reading.tree.lookup(lock);
  if (entry.kind === "file" && entry.file.sizeBytes > HEAD_READ_MAX) return true;
  const text = reading.tree.read(lock) ?? "";
  const sources = /^ {2}sources:\s*\n((?: {2}- .*\n)+)/m.exec(text.slice(0, HEAD_CHARACTERS))?.[1];
  const name = environment.slice(environment.lastIndexOf("/") + 1);
  return (sources ?? "").split("\n").some((line) => line.replace(/^ {2}- /, "").trim() === name);
}

const HEAD_CHARACTERS = 20_000;
const HEAD_READ_MAX = 1_000_000;

function explicitName(reading: Reading): string {
  return `conda-${condaPlatform(reading.platform)}.lock`;
}

/** `linux-x64` and `linux-x86_64` are conda's `linux-64`. */
function condaPlatform(platform: string): string {
  if (/^linux.*(?:arm64|aarch64)$/.test(platform)) return "linux-aarch64";
  return platform.startsWith("darwin") ? "osx-arm64" : "linux-64";
}

/** What is asked for by name, in pip's words, for choosing the server. */
export function condaRequirements(specs: readonly CondaSpec[]): readonly Requirement[] {
  return specs.map(({ name, version }) => ({
    ...{ name: name.replaceAll("_", "-"), extras: [], url: null, marker: null },
    specifier: pipSpecifier(version ?? ""),
  }));
}

function pipSpecifier(version: string): string {
  if (version === "" || version.includes("|")) return "";
  return version
    .split(",")
    .map((clause) => (/^\d/.test(clause) ? `==${clause}` : clause.replace(/^=(?=\d)/, "==")))
    .join(",");
}

/** A lock for another kind of machine only: what is written in it cannot be installed here. */
export function refuseOtherPlatforms(reading: Reading): void {
  const own = explicitName(reading);
  const other = reading.tree
    .names(reading.directory)
    .find((name) => /^conda-(?:linux|osx|win)-[a-z0-9]+\.lock$/.test(name) && name !== own);
  if (other !== undefined) throw unusable(other, `it is for another platform than ${own}`);
}
