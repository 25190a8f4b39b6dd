/** What became of those who were on a lost machine, measured in tiny runs. */
import { describe, expect, it } from "vitest";
import { MEASURES } from "./measures.ts";
import { ended, fault, measured, measuredOf, type MeasureRow } from "./records-in-tests.ts";

const lost = (at: number, session: string, wasInUse = true) =>
  ended(at, session, { end: "node-failed", node: "n-1", wasInUse });
const told = (at: number) => measured(at, "sessions.toldLost", 1);

// biome-ignore format: a table, one row a case
const ROWS: readonly MeasureRow[] = [
  ["lost-told-after", "the last of them", [fault(2, "node.lost", ["n-1"]), lost(50, "s-1"), lost(50, "s-2"), told(51), told(60)], {}, 58_000],
  ["lost-told-after", "one is never told", [fault(2, "node.lost", ["n-1"]), lost(50, "s-1"), lost(50, "s-2"), told(51)], {}, null],
  ["lost-told-after", "nobody was in it", [fault(2, "node.lost", ["n-1"]), lost(50, "s-1"), lost(50, "s-2", false), told(51)], {}, 49_000],
  ["lost-told-after", "nothing is known to be lost", [fault(2, "node.lost", ["n-1"])], {}, null],
];

describe("measures of losses", () => {
  it.each(ROWS)("%s: %s", (name, _what, records, values, expected) => {
    expect(measuredOf(MEASURES[name], records, values)).toBe(expected);
  });
});
