/** Ranges of versions as package.json writes them: `>=18 <23`, `^20.1 || 22.x`, `18 - 20`. Pure. */

type Version = readonly [major: number, minor: number, patch: number];

/** Release versions only. A range that is not understood holds for none. */
export function isInRange(version: string, range: string): boolean {
  const numbers = /^v?(\d+)\.(\d+)\.(\d+)/.exec(version.trim());
  if (numbers === null) return false;
  const at = [Number(numbers[1]), Number(numbers[2]), Number(numbers[3])] as const;
  return range.split("||").some((part) => isInPart(at, part.trim()));
}

function isInPart(at: Version, part: string): boolean {
  const hyphen = /^(\S+)\s+-\s+(\S+)$/.exec(part);
  if (hyphen !== null) {
    const [, from = "", to = ""] = hyphen;
    return satisfies(at, `>=${from}`) && satisfies(at, `<=${to}`);
  }
  const words = part
    .replaceAll(/([<>=~^]+)\s+/g, "$1")
    .split(/\s+/)
    .filter(Boolean);
  return words.every((word) => satisfies(at, word));
}

function satisfies(at: Version, word: string): boolean {
  const match =
    /^(>=|<=|>|<|=|\^|~>?)?v?(\d+|[xX*])(?:\.(\d+|[xX*]))?(?:\.(\d+|[xX*]))?(?:[-+][0-9A-Za-z.-]+)?$/.exec(
      word,
    );
  if (match === null) return false;
  const [, operator = "", ...texts] = match;
  const given = texts
    .map((text) => (text === undefined || /[xX*]/.test(text) ? null : Number(text)))
    .reduce<number[]>(
      (known, one, index) => (one === null || known.length < index ? known : [...known, one]),
      [],
    );
  if (given.length === 0) return operator !== "<" && operator !== ">";
  const low: Version = [given[0] ?? 0, given[1] ?? 0, given[2] ?? 0];
  const high = above(given, operator);
  switch (operator) {
    case ">=":
      return compare(at, low) >= 0;
    case "<":
      return compare(at, low) < 0;
    case ">":
      return given.length === 3 ? compare(at, low) > 0 : compare(at, high) >= 0;
    case "<=":
      return given.length === 3 ? compare(at, low) <= 0 : compare(at, high) < 0;
    default:
      return compare(at, low) >= 0 && compare(at, high) < 0;
  }
}

/** The first version that is not meant any more. */
function above(given: readonly number[], operator: string): Version {
  const [major = 0, minor = 0, patch = 0] = given;
  if (operator === "^") {
    if (major > 0 || given.length === 1) return [major + 1, 0, 0];
    if (minor > 0 || given.length === 2) return [0, minor + 1, 0];
    return [0, 0, patch + 1];
  }
  if (given.length === 1) return [major + 1, 0, 0];
  if (given.length === 2 || operator.startsWith("~")) return [major, minor + 1, 0];
  return [major, minor, patch + 1];
}

function compare(a: Version, b: Version): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}
