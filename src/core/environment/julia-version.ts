/** Julia's version specifiers, `[compat] julia`, and which release they mean. */

type Version = readonly [number, number, number];

/** From the first, below the second. */
interface Interval {
  readonly from: Version;
  readonly below: Version;
}

const KNOWN_MINORS = Array.from({ length: 13 }, (_, minor) => minor);
const ENDLESS: Version = [Number.MAX_SAFE_INTEGER, 0, 0];

/**
 * The newest release that the specifier allows: `1.10`, or `1.3.0` where exactly that one is meant.
 * `1.9, 1.10` is either of the two; a bare version means the same as with a caret. Null when it is no
 * specifier, or none of the known releases fits.
 */
export function newestJulia(specifier: string): string | null {
  const intervals: Interval[] = [];
  for (const part of specifier.split(",")) {
    const interval = intervalOf(part.trim());
    if (interval === null) return null;
    intervals.push(interval);
  }
  for (const minor of KNOWN_MINORS.toReversed()) {
    for (const { from, below } of intervals) {
      const next: Version = [1, minor + 1, 0];
      if (compare(from, next) >= 0 || compare(below, [1, minor, 0]) <= 0) continue;
      if (compare(below, next) >= 0) return `1.${minor}`;
      return `1.${minor}.${below[2] - 1}`;
    }
  }
  return null;
}

/** Whether `1.10.4` is allowed by it. */
export function allowsJulia(specifier: string, version: string): boolean {
  const exact = versionOf(version);
  return specifier.split(",").some((part) => {
    const interval = intervalOf(part.trim());
    if (interval === null || exact === null) return false;
    return compare(interval.from, exact.numbers) <= 0 && compare(exact.numbers, interval.below) < 0;
  });
}

function intervalOf(text: string): Interval | null {
  const hyphen = /^(\S+)\s+-\s+(\S+)$/.exec(text);
  if (hyphen !== null) {
    const from = versionOf(hyphen[1] ?? "");
    const to = versionOf(hyphen[2] ?? "");
    if (from === null || to === null) return null;
    return { from: from.numbers, below: raise(to.numbers, to.given - 1) };
  }
  const match = /^(\^|~|=|>=|≥|<|)\s*(\d\S*)$/.exec(text);
  const version = versionOf(match?.[2] ?? "");
  if (match === null || version === null) return null;
  const { numbers, given } = version;
  const sign = match[1] ?? "^";
  switch (sign) {
    case "=":
      return { from: numbers, below: raise(numbers, 2) };
    case ">=":
    case "≥":
      return { from: numbers, below: ENDLESS };
    case "<":
      return { from: [0, 0, 0], below: numbers };
    case "~":
      return { from: numbers, below: raise(numbers, Math.min(1, given - 1)) };
    default: {
      const first = numbers.findIndex((one) => one > 0);
      return { from: numbers, below: raise(numbers, first < 0 ? given - 1 : first) };
    }
  }
}

function versionOf(text: string): { readonly numbers: Version; readonly given: number } | null {
  if (!/^\d{1,4}(?:\.\d{1,4}){0,2}$/.test(text)) return null;
  const [a = 0, b = 0, c = 0] = text.split(".").map(Number);
  return { numbers: [a, b, c], given: text.split(".").length };
}

function raise([a, b, c]: Version, index: number): Version {
  if (index <= 0) return [a + 1, 0, 0];
  return index === 1 ? [a, b + 1, 0] : [a, b, c + 1];
}

function compare(a: Version, b: Version): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}
