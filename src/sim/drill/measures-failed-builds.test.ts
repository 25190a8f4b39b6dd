/** Builds that failed, measured in tiny runs. */
import { describe, expect, it } from "vitest";
import { MEASURES } from "./measures.ts";
import { build, built, fault, incident, type MeasureRow, measuredOf } from "./records-in-tests.ts";

const failed = (at: number, repo: string) => ({ ...built(at, repo), isGood: false });
const gone = fault(10, "upstream.missing", ["h"], { host: "h" });
const found = (at: number) =>
  incident(at, "opened", { cause: "upstream-unavailable", kind: "host", subject: "h" });
const cause = { cause: "upstream-unavailable" };

// biome-ignore format: a table, one row a case
const ROWS: readonly MeasureRow[] = [
  ["builds-until-found", "those since the fault that failed", [failed(5, "a"), gone, failed(12, "a"), built(13, "b"), failed(14, "c"), found(20), failed(21, "d")], cause, 2],
  ["builds-until-found", "it never was", [gone, failed(12, "a")], cause, null],
  ["failed-build-length-max", "the longest", [build(1, "a"), build(2, "b"), failed(9, "a"), failed(30, "b"), build(31, "c"), built(99, "c")], {}, 28_000],
  ["failed-build-length-max", "none failed", [build(1, "a"), built(9, "a")], {}, null],
];

describe("measures of builds that failed", () => {
  it.each(ROWS)("%s: %s", (name, _what, records, values, expected) => {
    expect(measuredOf(MEASURES[name], records, values)).toBe(expected);
  });
});
