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

/**
 * The default interpreter if it will do, otherwise the newest that does. An exact release that is
 * not here becomes the nearest of its minor version: a note in the plan, not a failure.
 */
export function choosePython(
  wish: PythonWish | null,
  requires: PythonWish | null,
  pythons: readonly string[],
): ChosenPython {
  const fits = (version: string, specifier: string | undefined) =>
    specifier === undefined ||
    specifier === "" ||
    satisfies(version, specifier, { prereleases: true });
  const allowed = pythons.filter((version) => fits(version, requires?.specifier));
  const exact = allowed.filter((version) => fits(version, wish?.specifier));
  const release = wish?.release ?? null;
  if (release !== null && exact.length > 0) {
    return { version: release, because: `${wish?.file} asks for ${release}` };
  }
  const near = release === null ? exact : allowed.filter((v) => minorOf(v) === minorOf(release));
  const chosen = near.find((version) => version === pythons[0]) ?? [...near].sort(compare).at(-1);
  if (chosen === undefined) throw unavailable(wish, requires, pythons);
  const version = minorOf(chosen);
  return { version, because: whyChosen({ wish, requires, version, release }) };
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

/** No release of any Python 3 satisfies both, as far as minor versions tell. */
function isContradiction(wish: PythonWish, requires: PythonWish): boolean {
  const releases = wish.release !== null ? [wish.release] : everyRelease();
  return !releases.some(
    (version) => satisfies(version, wish.specifier) && satisfies(version, requires.specifier),
  );
}

function everyRelease(): string[] {
  const found = ["2.7.18"];
  for (let minor = 0; minor <= 30; minor++) {
    for (let patch = 0; patch <= 30; patch++) found.push(`3.${minor}.${patch}`);
  }
  return found;
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
