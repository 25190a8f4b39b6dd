/** One line of a run's timeline. */

/** `happened` to the world, `found` by Bindery, `done` by it or by somebody, `page`, `people`, `resolved`. */
export type TimelineKind = "happened" | "found" | "done" | "page" | "people" | "resolved";

export interface TimelineEntry {
  readonly atMs: number;
  readonly kind: TimelineKind;
  readonly text: string;
  /** Entries of one group that follow one another soon are told as one; null: never. */
  readonly group: string | null;
}
