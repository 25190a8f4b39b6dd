/** Poetry's version constraints as PEP 440 has them. */
import { validRange } from "@renovatebot/pep440";

/** `^1.2` → `<2,>=1.2`; "" for any version; null for what PEP 440 cannot say, such as `1 || 3`. */
export function poetrySpecifier(constraint: string): string | null {
  const text = constraint.trim();
  if (text === "" || text === "*") return "";
  if (text.includes("|")) return null;
  const clauses: string[] = [];
  for (const part of text.replace(/([<>=!~^])\s+/g, "$1").split(/[\s,]+/)) {
    if (part === "" || part === "*") continue;
    const clause = clauseOf(part);
    if (clause === null) return null;
    clauses.push(...clause);
  }
  const specifier = [...new Set(clauses)].sort().join(",");
  return specifier === "" || validRange(specifier) ? specifier : null;
}

/** Of several alternatives the first that has one: good enough to choose an interpreter. */
export function poetryPythonSpecifier(constraint: string): string | null {
  const alternatives = constraint.split(/\|\|?/).map(poetrySpecifier);
  return alternatives.findLast((one) => one !== null) ?? null;
}

function clauseOf(part: string): readonly string[] | null {
  const [, sign = "", version = ""] = /^(\^|~=|~|[<>]=?|={1,3}|!=|)(.*)$/.exec(part) ?? [];
  if (!/^\d[0-9A-Za-z.+!*-]*$/.test(version) || version.length > 60) return null;
  switch (sign) {
    case "^":
      return [`>=${version}`, `<${caretLimit(version)}`];
    case "~":
      return [`>=${version}`, `<${tildeLimit(version)}`];
    case "":
    case "=":
      return [`==${version}`];
    default:
      return [`${sign}${version}`];
  }
}

function numbersOf(version: string): readonly number[] {
  const release = /^\d+(?:\.\d+)*/.exec(version)?.[0] ?? "0";
  return release.split(".").map(Number);
}

/** The next version that may break: of `1.2.3` it is 2, of `0.2.3` 0.3, of `0.0.3` 0.0.4. */
function caretLimit(version: string): string {
  const numbers = numbersOf(version);
  const first = numbers.findIndex((one) => one > 0);
  return raised(numbers, first < 0 ? numbers.length - 1 : first);
}

function tildeLimit(version: string): string {
  const numbers = numbersOf(version);
  return raised(numbers, Math.min(1, numbers.length - 1));
}

function raised(numbers: readonly number[], index: number): string {
  return [...numbers.slice(0, index), (numbers[index] ?? 0) + 1].join(".");
}
