/** Which Python: what the files ask for, in all the forms that people write, and what can be had. */
import { compare, satisfies, validRange } from "@renovatebot/pep440";
import { AppError } from "../errors.ts";
import { quote } from "./requirement.ts";

/** What one file asks for. */
export interface PythonWish {
  readonly file: string;
  readonly line: number;
  /** PEP 440; "" for any Python. */
  readonly specifier: string;
  /** Set when exactly one release was asked for, `3.12.4`. */
  readonly release: string | null;
}

export type PythonText =
  | { readonly kind: "python"; readonly specifier: string; readonly release: string | null }
  | { readonly kind: "other"; readonly language: string }
  | { readonly kind: "not-understood" };

const DATE = "-?\\d{4}-\\d{2}-\\d{2}";

/**
 * `3.12`, `3.12.4`, `python-3.12`, `python 3.12`, `conda-forge::python=3.12`, `>=3.11`,
 * `cpython-3.12`, and repo2docker's forms with a date, which it ignores for Python.
 */
export function parsePythonText(text: string): PythonText {
  const bare = text.trim().replace(/^[a-z0-9_-]+::/i, "");
  const named = /^(?:c?python)(?![a-z])[\s@-]*/i.exec(bare);
  const rest = (named === null ? bare : bare.slice(named[0].length)).trim();
  const undated = named === null ? rest : rest.replace(new RegExp(`${DATE}$`), "").trim();
  if (named !== null && undated === "") return { kind: "python", specifier: "", release: null };

  const plain = /^={0,3}\s*(\d+(?:\.\d+){0,2})(?:\.\*)?$/.exec(undated);
  if (plain !== null) {
    const version = plain[1] as string;
    const isRelease = /^\d+\.\d+\.\d+$/.test(version) && !undated.endsWith("*");
    return isRelease
      ? { kind: "python", specifier: `==${version}`, release: version }
      : { kind: "python", specifier: `==${version}.*`, release: null };
  }
  if (/^[<>=!~]/.test(undated) && undated.length < 200 && validRange(undated)) {
    return { kind: "python", specifier: undated, release: null };
  }
  const other = /^(r|julia|node|nodejs|ruby|pypy|java|go|php|rust)(?![a-z])/i.exec(bare);
  if (other !== null) return { kind: "other", language: (other[1] as string).toLowerCase() };
  return { kind: "not-understood" };
}

export interface ChosenPython {
  /** `3.12`, or `3.12.4` where exactly that was asked for and is here. */
  readonly version: string;
  readonly because: string;
}

/** Versions that exist, for what is not here: the builder may be able to fetch it. */
/** Most packages have wheels for it. */
const BEST_MINOR = "3.12";
const PATCHES = Array.from({ length: 31 }, (_, patch) => patch);
const KNOWN_MINORS = Array.from({ length: 8 }, (_, index) => `3.${index + 8}`);

/**
 * The default interpreter if it will do, otherwise the newest here that does, otherwise the newest
 * there is. An exact release that is not here becomes the nearest of its minor version: a note in the
 * plan, not a failure. `pythons` are those that are here, the default one first.
 */
export function choosePython(
  wish: PythonWish | null,
  requires: PythonWish | null,
  pythons: readonly string[],
): ChosenPython {
  const release = wish?.release ?? null;
  const allowed = pythons.filter((version) => fits(version, requires?.specifier));
  if (release !== null && allowed.includes(release)) {
    return { version: release, because: `${wish?.file} asks for ${release}` };
  }
  const wanted = release === null ? wish?.specifier : `==${minorOf(release)}.*`;
  const near = allowed.filter((version) => fits(version, wanted));
  const here = near.find((version) => version === pythons[0]) ?? [...near].sort(compare).at(-1);
  const version = here === undefined ? bestMinor(wanted, requires?.specifier) : minorOf(here);
  if (version === null) throw unavailable(wish, requires, pythons);
  return { version, because: whyChosen({ wish, requires, version, release }) };
}

function fits(version: string, specifier: string | undefined): boolean {
  return !specifier || satisfies(version, specifier, { prereleases: true });
}

/** The minor version that serves best among those with a release that satisfies all. */
function bestMinor(...specifiers: readonly (string | undefined)[]): string | null {
  const hasRelease = (minor: string) =>
    PATCHES.some((patch) => specifiers.every((one) => fits(`${minor}.${patch}`, one)));
  const fitting = KNOWN_MINORS.filter(hasRelease);
  return fitting.find((minor) => minor === BEST_MINOR) ?? fitting.at(-1) ?? null;
}

function whyChosen(choice: {
  readonly wish: PythonWish | null;
  readonly requires: PythonWish | null;
  readonly version: string;
  readonly release: string | null;
}): string {
  const { wish, requires, version, release } = choice;
  if (release !== null) {
    return `${wish?.file} asks for ${release}, which is not here; the nearest is ${version}`;
  }
  if (wish !== null && wish.specifier !== "") return `${wish.file} asks for ${wish.specifier}`;
  if (requires !== null) return `${requires.file} requires ${requires.specifier}`;
  return "no file asks for a version: the default";
}

function unavailable(
  wish: PythonWish | null,
  requires: PythonWish | null,
  pythons: readonly string[],
): AppError {
  const asked = [wish, requires]
    .filter((one) => one !== null)
    .filter((one) => one.specifier !== "");
  const whats = asked.map((one) => `${one.file} asks for Python ${one.specifier}`).join(", ");
  const where = asked[0] ?? { file: "", line: 1 };
  const detail = { file: where.file, line: where.line };
  if (wish !== null && requires !== null && isContradiction(wish, requires)) {
    return new AppError("config-conflict", `${whats}: no version is both.`, { detail });
  }
  const suggestions = [...new Set([...pythons].sort(compare).map(minorOf))];
  return new AppError("python-unavailable", `${whats}; here are ${suggestions.join(", ")}.`, {
    detail: { ...detail, suggestions },
  });
}

/** No release satisfies both, although each alone can be satisfied. */
function isContradiction(wish: PythonWish, requires: PythonWish): boolean {
  return (
    bestMinor(wish.specifier) !== null &&
    bestMinor(requires.specifier) !== null &&
    bestMinor(wish.specifier, requires.specifier) === null
  );
}

function minorOf(version: string): string {
  return version.split(".").slice(0, 2).join(".");
}

/** `requires-python` of a project; null when it says nothing. Throws `config-invalid`. */
export function requiresPython(file: string, line: number, text: string): PythonWish | null {
  const specifier = text.trim();
  if (specifier === "") return null;
  const isRange = /^[<>=!~]/.test(specifier) && specifier.length < 200 && validRange(specifier);
  if (!isRange) {
    throw new AppError(
      "config-invalid",
      `${file}:${line}: requires-python is ${quote(text)}, and that is not a version range.`,
      {
        detail: { file, line },
      },
    );
  }
  return { file, line, specifier, release: null };
}
