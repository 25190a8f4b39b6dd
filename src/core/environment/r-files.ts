/** install.R, DESCRIPTION, renv.lock, and an R in runtime.txt: which R, and what is installed into it. */
import { canonicalJson, lineOf, parseJson, tableOf, textOf } from "./documents.ts";
import { digestOfList } from "./digests.ts";
import type { RSource, RStep } from "./plan.ts";
import { readsOtherFiles } from "./r-script.ts";
import { chooseR, type RWish } from "./r-version.ts";
import { type KeyInput, note, present, type Reading } from "./reading.ts";
import { configurationPath } from "./configuration-directory.ts";
import { unsupported } from "./requirement-lines.ts";
import { parseRuntime } from "./runtime.ts";

export interface RFiles {
  readonly step: RStep;
  readonly input: KeyInput;
}

/** Before it repo2docker has no binary packages, and refuses. */
const SNAPSHOT_MIN = "2018-12-07";

/** Something asks for R: what `readRFiles` will then read. */
export function wantsR(reading: Reading): boolean {
  return (
    isRepo2dockersR(reading) ||
    ownScript(reading) !== null ||
    present(reading, "renv.lock") !== null
  );
}

function isRepo2dockersR(reading: Reading): boolean {
  if (parseRuntime(reading)?.kind === "r") return true;
  return reading.directory === "" && present(reading, "DESCRIPTION") !== null;
}

/** install.R, unless repo2docker would pass it over and postBuild runs it instead. */
function ownScript(reading: Reading): string | null {
  const path = present(reading, "install.R");
  const postBuild = present(reading, "postBuild");
  if (path === null || postBuild === null || isRepo2dockersR(reading)) return path;
  if (!(reading.tree.read(postBuild) ?? "").includes("install.R")) return path;
  note(reading, path, "ignored", `${postBuild} runs it`);
  return null;
}

/** Null when nothing asks for R. Throws `config-invalid` or `config-unsupported`. */
export function readRFiles(
  reading: Reading,
  {
    isConda,
    isRepo2dockers,
    installed,
  }: {
    readonly isConda: boolean;
    readonly isRepo2dockers: boolean;
    readonly installed: string | null;
  },
): RFiles | null {
  if (!wantsR(reading)) return null;
  const runtime = parseRuntime(reading);
  const wishes: RWish[] = [];
  const files: string[] = [];
  let snapshot = reading.asOf;
  if (runtime?.kind === "r") {
    const { source, version } = runtime;
    if (runtime.snapshot !== null && runtime.snapshot < SNAPSHOT_MIN) {
      throw unsupported(
        source,
        `there are no packages of ${runtime.snapshot}; the first day is ${SNAPSHOT_MIN}`,
      );
    }
    note(reading, source.file, "used", "it says which R");
    files.push(source.file);
    snapshot = runtime.snapshot ?? snapshot;
    if (version !== null) wishes.push({ source, version, minimum: null });
    if (runtime.snapshot === null) {
      reading.differs.push(
        `${source.file} without a day makes repo2docker build a Python without R.`,
      );
    }
  }
  const read = readSources(reading, wishes);
  const { version, because } = chooseR(wishes, isConda ? null : installed);
  if (!isRepo2dockers && runtime?.kind !== "r") {
    const names = read.sources.map(({ path }) => path).join(" and ");
    reading.differs.push(`repo2docker does not read ${names} here, and installs no R.`);
  }
  const isCode = read.sources.some(
    (one) => one.kind === "DESCRIPTION" || (one.kind === "install.R" && !one.isAlone),
  );
  return {
    step: {
      ...{ kind: "r", version, snapshot, because, sources: read.sources },
      runtime: isConda ? "conda" : "system",
      files: [...files, ...read.sources.map(({ path }) => path), ...(isCode ? ["."] : [])],
    },
    input: {
      name: "R",
      value: `${version} of ${snapshot ?? "today"}, packages ${digestOfList(read.digests)}`,
    },
  };
}

interface ReadSources {
  readonly sources: readonly RSource[];
  readonly digests: readonly unknown[];
}

/** The lock first, so that what it pins is there already. */
function readSources(reading: Reading, wishes: RWish[]): ReadSources {
  const { tree, directory } = reading;
  const sources: RSource[] = [];
  const digests: unknown[] = [];
  const script = ownScript(reading);
  const lock = present(reading, "renv.lock");
  if (lock !== null && script !== null) note(reading, lock, "ignored", `${script} decides`);
  else if (lock !== null) {
    digests.push(readLock(reading, lock, wishes));
    sources.push({ kind: "renv.lock", path: lock });
    note(reading, lock, "used", "it says exactly which packages of R");
  }
  if (script !== null) {
    const text = tree.read(script) ?? "";
    const isAlone = !readsOtherFiles(text, (path) => tree.lookup(path).kind !== "missing");
    digests.push(["install.R", codeOf(text)]);
    sources.push({ kind: "install.R", path: script, isAlone });
    const how = isAlone ? "alone: it names no other file" : "with the whole repository";
    note(reading, script, "used", `Rscript runs it, ${how}`);
  }
  const description = present(reading, "DESCRIPTION");
  if (description !== null && directory === "") {
    readDescription(reading, description, wishes);
    digests.push("DESCRIPTION");
    sources.push({ kind: "DESCRIPTION", path: description, directory });
    note(reading, description, "used", "the R package and what it depends on are installed");
  } else if (description !== null) {
    note(reading, description, "ignored", "it counts in the root only");
  }
  return { sources, digests };
}

/** Returns what it says, whatever its form. */
function readLock(reading: Reading, path: string, wishes: RWish[]): string {
  const text = reading.tree.read(path) ?? "";
  const root = parseJson(path, text);
  const version = textOf(tableOf(root["R"])["Version"]);
  if (version !== null) {
    const source = { file: path, line: lineOf(text, '"Version"') };
    wishes.push({ source, version, minimum: null });
  }
  return canonicalJson(root);
}

/** `Depends: R (>= 4.1)`. */
function readDescription(reading: Reading, path: string, wishes: RWish[]): void {
  const text = reading.tree.read(path) ?? "";
  const depends = /^Depends:((?:.*\n?(?:[ \t].*\n?)*))/m.exec(text)?.[1] ?? "";
  const minimum = /(?:^|[\s,])R\s*\(>=?\s*(\d+(?:\.\d+){0,2})\)/.exec(depends)?.[1];
  if (minimum === undefined) return;
  const source = { file: configurationPath("", path), line: lineOf(text, "Depends:") };
  wishes.push({ source, version: null, minimum });
}

/** Without comments and blank lines, whatever the line ends. */
function codeOf(text: string): string {
  return text
    .split(/\r\n|\r|\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"))
    .join("\n");
}
