/** The rules of the house that no other tool checks: names, first lines, sizes, the lock file. */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { extname, basename, join } from "node:path";
import { completeLock, lockComplaints } from "./lock-file.ts";

export interface Complaint {
  readonly file: string;
  readonly message: string;
}

const LINES_MAX = 300;
const FOLDERS = ["src", "web", "tools", "test", "deploy"];
const NAMES_WITHOUT_A_REASON = /^(utils?|helpers?|managers?|misc|common|index)\.[cm]?[jt]s$/;

/** Kinds of source file → how the first line must begin, where a comment can say the reason. */
const FIRST_LINE: Readonly<Record<string, RegExp>> = {
  ".ts": /^\/\*\* +[^*\s]|^\/\*\*$/,
  ".js": /^\/\*\* +[^*\s]|^\/\*\*$/,
  ".mjs": /^\/\*\* +[^*\s]|^\/\*\*$/,
  ".css": /^\/\*\*? +[^*\s]/,
  ".py": /^"""\S/,
  ".sh": /^# \S/,
};

/** A rule may be switched off for a line, but the line says why. */
const SWITCHED_OFF =
  /(\/\/|\/\*|#) *((ox|es)lint-disable|biome-ignore|@ts-(expect-error|ignore|nocheck))/;
const SWITCHED_OFF_WITH_REASON = /-disable.* -- \S|biome-ignore \S+: \S|@ts-expect-error:? \S/;

/** What is wrong with one file, given its path from the root and its text. */
export function complaintsAbout(file: string, text: string): readonly string[] {
  const firstLine = FIRST_LINE[extname(file)];
  if (firstLine === undefined) return [];
  const lines = text.split("\n");
  const lineCount = text.endsWith("\n") ? lines.length - 1 : lines.length;
  const complaints: string[] = [];
  if (NAMES_WITHOUT_A_REASON.test(basename(file))) {
    complaints.push("This name says nothing: name the file for what it is or does.");
  }
  const first = lines[0]?.startsWith("#!") ? lines[1] : lines[0];
  if (!firstLine.test(first ?? "")) {
    complaints.push("The first line must be a comment that says why the file exists.");
  }
  if (lineCount > LINES_MAX && file.startsWith("src/")) {
    complaints.push(`${lineCount} lines: the limit is ${LINES_MAX}.`);
  }
  for (const [i, line] of lines.entries()) {
    if (SWITCHED_OFF.test(line) && !SWITCHED_OFF_WITH_REASON.test(line)) {
      complaints.push(`Line ${i + 1} switches a rule off and does not say why.`);
    }
  }
  return complaints;
}

/** Everything that is wrong in the checkout at `root`. */
export function houseRules(root: string): readonly Complaint[] {
  const files = FOLDERS.flatMap((folder) => filesUnder(root, folder));
  const manifest = readFileSync(join(root, "package.json"), "utf8");
  const lock = readFileSync(join(root, "package-lock.json"), "utf8");
  return [
    ...files.flatMap((file) =>
      complaintsAbout(file, readFileSync(join(root, file), "utf8")).map((message) => ({
        file,
        message,
      })),
    ),
    ...ignoredSources(root).map((file) => ({ file, message: "Git ignores this file." })),
    ...lockComplaints(manifest, lock).map((message) => ({ file: "package-lock.json", message })),
  ];
}

/** Sources that a pattern in .gitignore leaves out of every commit, unnoticed on this machine. */
function ignoredSources(root: string): readonly string[] {
  const words = ["ls-files", "--others", "--ignored", "--exclude-standard", "--", ...FOLDERS];
  const { status, stdout } = spawnSync("git", words, { cwd: root, encoding: "utf8" });
  if (status !== 0) return [];
  return stdout.split("\n").filter((file) => extname(file) in FIRST_LINE);
}

function filesUnder(root: string, folder: string): readonly string[] {
  try {
    return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}

function main(root: string): void {
  if (process.argv.includes("--fix")) {
    const file = join(root, "package-lock.json");
    writeFileSync(file, completeLock(readFileSync(file, "utf8")));
  }
  const complaints = houseRules(root);
  for (const { file, message } of complaints) console.log(`${file}: ${message}`);
  if (complaints.length > 0) process.exit(1);
}

if (import.meta.main) main(process.cwd());
