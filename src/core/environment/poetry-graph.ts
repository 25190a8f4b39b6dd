/** Locks before poetry 2 hold packages for every machine: what leads to each says where it belongs. */
import { allOf, simplifyMarker } from "./markers.ts";
import { parseMarker } from "./requirement.ts";

export interface LockedEdge {
  /** Normalised. */
  readonly name: string;
  readonly marker: string | null;
  readonly extras: readonly string[];
  /** Only there when an extra of the package that has it is asked for. */
  readonly isOptional: boolean;
  readonly fits: (version: string) => boolean;
}

export interface LockedPackage {
  readonly name: string;
  readonly version: string;
  readonly edges: readonly LockedEdge[];
  /** The optional packages that an extra needs. */
  readonly extras: ReadonlyMap<string, readonly string[]>;
}

/** More ways to one package than these: it is taken as wanted everywhere. */
const WAYS_MAX = 24;

/** Markers that all hold along one way from the project to a package. */
type Way = ReadonlySet<string>;

interface Reached {
  readonly extras: Set<string>;
  ways: readonly Way[];
}

/** For each package: false when nothing leads to it, null when it is wanted everywhere, or a marker. */
export function whenInstalled(
  packages: readonly LockedPackage[],
  roots: readonly LockedEdge[],
): readonly (string | null | false)[] {
  const byName = new Map<string, LockedPackage[]>();
  for (const one of packages) byName.set(one.name, [...(byName.get(one.name) ?? []), one]);
  const reached = new Map<LockedPackage, Reached>();
  const todo: LockedPackage[] = [];
  const follow = (edge: LockedEdge, way: Way) => {
    const marker = edge.marker === null ? true : withoutExtras(edge.marker);
    if (marker === false) return;
    const longer = typeof marker === "string" ? new Set([...way, marker]) : way;
    const named = byName.get(edge.name) ?? [];
    const fitting = named.filter(({ version }) => edge.fits(version));
    for (const one of fitting.length > 0 ? fitting : named) {
      const known = reached.get(one) ?? { extras: new Set(), ways: [] };
      reached.set(one, known);
      const hasExtras = addExtras(known, edge.extras);
      if (addWay(known, longer) || hasExtras) todo.push(one);
    }
  };
  for (const root of roots) follow(root, new Set());
  for (let one = todo.pop(); one !== undefined; one = todo.pop()) {
    const { extras, ways } = reached.get(one) ?? { extras: new Set<string>(), ways: [] };
    const optional = new Set([...extras].flatMap((extra) => one?.extras.get(extra) ?? []));
    for (const edge of one.edges) {
      if (edge.isOptional && !optional.has(edge.name)) continue;
      for (const way of ways) follow(edge, way);
    }
  }
  return packages.map((one) => markerOf(reached.get(one)));
}

function addExtras(known: Reached, extras: readonly string[]): boolean {
  const before = known.extras.size;
  for (const extra of extras) known.extras.add(extra);
  return known.extras.size > before;
}

/** False when what is known says it already. */
function addWay(known: Reached, way: Way): boolean {
  if (known.ways.some((other) => isPart(other, way))) return false;
  const rest = known.ways.filter((other) => !isPart(way, other));
  known.ways = rest.length >= WAYS_MAX ? [new Set()] : [...rest, way];
  return true;
}

function isPart(small: Way, large: Way): boolean {
  return [...small].every((marker) => large.has(marker));
}

function markerOf(reached: Reached | undefined): string | null | false {
  if (reached === undefined || reached.ways.length === 0) return false;
  const each = reached.ways.map((way) => allOf([...way].sort()));
  if (each.includes(null)) return null;
  const once = [...new Set(each.filter((one) => one !== null))].sort();
  return once.length === 1 ? (once[0] ?? null) : once.map((one) => `(${one})`).join(" or ");
}

/** `extra == "x"` on an edge repeats what `optional` says. */
function withoutExtras(text: string): boolean | string {
  const outcome = parseMarker(text);
  if (outcome.kind === "malformed") return true;
  return simplifyMarker(outcome.text, (term) => (/^extra [=!]=/.test(term) ? true : null));
}
