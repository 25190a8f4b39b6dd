/** The records of one kind: there are many measures, and few records that each of them looks at. */
import type { WorldRecord } from "../world/records.ts";

type Kind = WorldRecord["kind"];
/** A record may be of one of several kinds: those that say the same share a shape. */
type OfKind<K extends Kind, R = WorldRecord> = R extends { readonly kind: infer Own }
  ? K extends Own
    ? R
    : never
  : never;

interface Sorted {
  /** Of all records, when they were sorted. */
  readonly count: number;
  readonly byKind: ReadonlyMap<Kind, readonly WorldRecord[]>;
}

const sortings = new WeakMap<readonly WorldRecord[], Sorted>();
const NONE: readonly never[] = [];

/** In their order. */
export function recordsOf<K extends Kind>(
  records: readonly WorldRecord[],
  kind: K,
): readonly OfKind<K>[] {
  const found = sortingOf(records).byKind.get(kind) ?? NONE;
  return found as readonly OfKind<K>[];
}

function sortingOf(records: readonly WorldRecord[]): Sorted {
  const known = sortings.get(records);
  if (known?.count === records.length) return known;
  const byKind = new Map<Kind, WorldRecord[]>();
  for (const record of records) {
    const same = byKind.get(record.kind);
    if (same === undefined) byKind.set(record.kind, [record]);
    else same.push(record);
  }
  const sorted = { count: records.length, byKind };
  sortings.set(records, sorted);
  return sorted;
}
