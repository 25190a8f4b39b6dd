/** What parts of the world measured themselves, in tiny runs. */
import { describe, expect, it } from "vitest";
import { MEASURES } from "./measures.ts";
import { fault, measured, requests, measuredOf, type MeasureRow } from "./records-in-tests.ts";

// biome-ignore format: a table, one row a case
const ROWS: readonly MeasureRow[] = [
  ["orphan-age-max", "as measured", [measured(1, "sessions.orphanAgeMs", 70), measured(2, "sessions.orphanAgeMs", 60)], {}, 70],
  ["orphan-age-max", "none was seen", [], {}, 0],
  ["measured-max", "of one thing", [measured(1, "x", 3), measured(2, "x", 5), measured(3, "y", 9)], { what: "x" }, 5],
  ["measured-min", "of one thing", [measured(1, "x", 3), measured(2, "x", 5)], { what: "x" }, 3],
  ["measured-p99", "of one thing", Array.from({ length: 100 }, (_, n) => measured(n, "x", n)), { what: "x" }, 98],
  ["measured-last", "of one thing", [measured(1, "x", 3), measured(2, "x", 5)], { what: "x" }, 5],
  ["requests", "of one kind", [requests(1, "page", 10, 1), requests(2, "api", 5, 0)], { what: "page" }, 10],
  ["requests-failed", "of all kinds", [requests(1, "page", 10, 1), requests(2, "api", 5, 2)], {}, 3],
  ["requests-failed-share", "of all kinds", [requests(1, "page", 10, 1), requests(2, "api", 10, 2)], {}, 0.15],
  ["requests-failed-share", "there were none", [], {}, null],
  ["requests-well-after", "the last failure", [fault(1, "edge.wedge"), requests(2, "page", 10, 1), requests(21, "page", 10, 1), requests(30, "page", 10, 0)], {}, 20_000],
  ["requests-well-after", "after the second such fault", [fault(1, "edge.wedge"), requests(2, "page", 10, 1), fault(1_200, "edge.wedge"), requests(1_205, "page", 10, 1)], { fault: "edge.wedge#2" }, 5_000],
  ["requests-well-after", "there was no second one", [fault(1, "edge.wedge"), requests(2, "page", 10, 1)], { fault: "edge.wedge#2" }, null],
];

describe("measures of parts", () => {
  it.each(ROWS)("%s: %s", (name, _what, records, values, expected) => {
    expect(measuredOf(MEASURES[name], records, values)).toBe(expected);
  });
});
