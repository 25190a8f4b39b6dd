/** apt.txt: names of Debian packages, and nothing that could be anything else. */
import { AppError } from "../errors.ts";
import { digestOfSet } from "./digests.ts";
import type { AptStep, DebianPackage, PlanSource } from "./plan.ts";
import { type KeyInput, note, presentOrRefused, type Reading } from "./reading.ts";
import { quote } from "./requirement.ts";
import { invalid, meaningfulLines } from "./requirement-lines.ts";

const PACKAGES_MAX = 1_000;
/** Debian policy 5.6.1; without a minus at the end, which to apt means "remove". */
const NAME = /^[a-z0-9][a-z0-9+.-]*[a-z0-9+.]$/;
const VERSION = /^[A-Za-z0-9][A-Za-z0-9.+:~-]*$/;

export interface AptFile {
  readonly step: AptStep;
  readonly input: KeyInput;
}

/** Null when there is none, or one that names no package. Throws `config-invalid` with the line. */
export function readAptFile(reading: Reading): AptFile | null {
  const path = presentOrRefused(reading, "apt.txt");
  if (path === null) return null;
  const packages = meaningfulLines(withoutComments(reading.tree.read(path) ?? "")).flatMap(
    ({ line, words }) => packagesOf({ file: path, line }, words),
  );
  if (packages.length === 0) {
    note(reading, path, "ignored", "it names no package");
    return null;
  }
  const once = [...new Map(packages.map((one) => [textOf(one), one])).values()];
  if (once.length > PACKAGES_MAX) {
    throw invalid({ file: path, line: 1 }, `it names more than ${PACKAGES_MAX} packages`);
  }
  refuseTwoVersions(once);
  note(reading, path, "used", "it names Debian packages");
  const sorted = once.sort((a, b) => (textOf(a) < textOf(b) ? -1 : 1));
  return {
    step: { kind: "apt", packages: sorted, asOf: reading.asOf, files: [path] },
    input: { name: "Debian packages", value: digestOfSet(sorted.map(textOf)) },
  };
}

/** Here a `#` begins a comment anywhere. */
function withoutComments(text: string): string {
  return text.replace(/#[^\r\n]*/g, "");
}

function packagesOf(source: PlanSource, words: string): DebianPackage[] {
  const command = /^(?:sudo\s+)?(?:apt|apt-get|aptitude)\s+(?:\S+\s+)*?install\s+(.*)$/.exec(words);
  if (command !== null) {
    const names = (command[1] ?? "").split(/\s+/).filter((word) => NAME.test(word));
    const hint = names.length === 0 ? "" : ` (here: ${names.slice(0, 5).join(", ")})`;
    throw invalid(source, `only the names of packages stand in this file, no command${hint}`);
  }
  return words.split(/\s+/).map((word) => packageOf(source, word));
}

function packageOf(source: PlanSource, word: string): DebianPackage {
  const equals = word.indexOf("=");
  const name = equals < 0 ? word : word.slice(0, equals);
  const version = equals < 0 ? null : word.slice(equals + 1);
  if (NAME.test(name) && (version === null || VERSION.test(version))) {
    return { name, version, source };
  }
  const lower = name.toLowerCase();
  const hint =
    lower !== name && NAME.test(lower) ? `; it is probably ${quote(lower)}` : whatIsExpected(word);
  throw invalid(source, `${quote(word)} is not the name of a Debian package${hint}`);
}

function whatIsExpected(word: string): string {
  if (word.startsWith("-")) return ": options cannot be given here";
  if (word.endsWith("-")) return ": a package cannot be removed here";
  if (/[;&|$`<>(){}\\'"!]/.test(word)) return ": no shell reads this file";
  return "; expected is name or name=version";
}

function refuseTwoVersions(packages: readonly DebianPackage[]): void {
  const pinned = new Map<string, DebianPackage>();
  for (const one of packages) {
    const other = pinned.get(one.name);
    if (other !== undefined && one.version !== null && other.version !== null) {
      const where = `${one.source.file}:${one.source.line}`;
      throw new AppError(
        "config-conflict",
        `${where}: ${one.name} is asked for as ${other.version} and as ${one.version}.`,
        { detail: { file: one.source.file, line: one.source.line, package: one.name } },
      );
    }
    if (one.version !== null) pinned.set(one.name, one);
  }
}

function textOf({ name, version }: DebianPackage): string {
  return version === null ? name : `${name}=${version}`;
}
