/** runtime.txt: a Python, or an R with the day of its packages. */
import { parsePythonText } from "./python-version.ts";
import type { PlanSource } from "./plan.ts";
import { configurationPath } from "./configuration-directory.ts";
import type { Reading } from "./reading.ts";
import { quote } from "./requirement.ts";
import { invalid, meaningfulLines, unsupported } from "./requirement-lines.ts";

export type Runtime = { readonly source: PlanSource } & (
  | { readonly kind: "python"; readonly specifier: string; readonly release: string | null }
  /** Null for whatever serves best. */
  | { readonly kind: "r"; readonly version: string | null; readonly snapshot: string | null }
  | { readonly kind: "empty" }
);

const R = /^r(?:[- ](\d+\.\d+(?:\.\d+)?))?(?:-(\d{4}-\d{2}-\d{2}))?$/i;

/** Null when there is no such file. Throws `config-invalid` or `config-unsupported`. */
export function parseRuntime({ tree, directory }: Reading): Runtime | null {
  const file = configurationPath(directory, "runtime.txt");
  const text = tree.read(file);
  if (text === null) return null;
  const [first, second] = meaningfulLines(text);
  if (first === undefined) return { source: { file, line: 1 }, kind: "empty" };
  if (second !== undefined) throw invalid({ file, line: second.line }, "one line is expected");
  const source = { file, line: first.line };
  const r = R.exec(first.words);
  if (r !== null) {
    const [, version = null, snapshot = null] = r;
    if (snapshot !== null && !isDay(snapshot)) {
      throw invalid(source, `${quote(snapshot)} is not a day`);
    }
    return { source, kind: "r", version, snapshot };
  }
  const asked = parsePythonText(first.words);
  switch (asked.kind) {
    case "python":
      return { source, kind: "python", specifier: asked.specifier, release: asked.release };
    case "other":
      if (asked.language === "r") {
        throw invalid(
          source,
          `${quote(first.words)} is not a runtime; expected is r-4.4-2024-06-01`,
        );
      }
      throw unsupported(
        source,
        `${quote(first.words)} asks for ${asked.language}, which cannot be built here yet`,
      );
    case "not-understood":
      throw invalid(
        source,
        `${quote(first.words)} is not a runtime; expected is python-3.12, 3.12 or r-4.4-2024-06-01`,
      );
  }
}

/** `2024-02-29`: a day that there is. */
export function isDay(text: string): boolean {
  const [, year = 0, month = 0, day = 0] = (/^(\d{4})-(\d{2})-(\d{2})$/.exec(text) ?? []).map(
    Number,
  );
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0;
  return year >= 1990 && day >= 1 && day <= days;
}
