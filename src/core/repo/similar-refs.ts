/** Which existing refs a person may have meant. */

const SUGGESTIONS_MAX = 5;
const NAMES_COMPARED_MAX = 20_000;

/** The closest names first; a name that has nothing in common is left out. */
export function similarRefs(wanted: string, names: readonly string[]): readonly string[] {
  const scored: { readonly name: string; readonly distance: number }[] = [];
  for (const name of names.slice(0, NAMES_COMPARED_MAX)) {
    const distance = distanceOf(wanted.toLowerCase(), name.toLowerCase());
    if (distance !== null) scored.push({ name, distance });
  }
  scored.sort((a, b) => a.distance - b.distance || compare(a.name, b.name));
  return scored.slice(0, SUGGESTIONS_MAX).map(({ name }) => name);
}

/** 0 is the same but for case; null is too far. */
function distanceOf(wanted: string, name: string): number | null {
  if (wanted === name) return 0;
  const tolerated = Math.max(2, Math.floor(wanted.length / 3));
  const edits = editDistance(wanted, name, tolerated);
  if (edits !== null) return edits;
  if (lastPart(wanted) === lastPart(name)) return tolerated + 1;
  const [short, long] = wanted.length < name.length ? [wanted, name] : [name, wanted];
  const isPart = long.startsWith(short) || (short.length >= 3 && long.includes(short));
  return isPart ? tolerated + 2 : null;
}

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf("/") + 1);
}

/** Levenshtein's distance, or null when it is more than `max`. */
function editDistance(a: string, b: string, max: number): number | null {
  if (Math.abs(a.length - b.length) > max) return null;
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(replaced, (previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1));
    }
    if (Math.min(...current) > max) return null;
    previous = current;
  }
  const distance = previous[b.length] ?? 0;
  return distance <= max ? distance : null;
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
