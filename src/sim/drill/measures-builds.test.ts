/** Builds as they are measured, one row a case. */
import { describe, expect, it } from "vitest";
import { MEASURES } from "./measures.ts";
import {
  build,
  building,
  built,
  launch,
  measured,
  type MeasureRow,
  measuredOf,
} from "./records-in-tests.ts";

// biome-ignore format: a table, one row a case
const ROWS: readonly MeasureRow[] = [
  ["builds", "of a repository", [build(1, "a"), build(2, "b")], { repo: "a" }, 1],
  ["builds", "of a group", [build(1, "a-1"), build(2, "a-2"), build(3, "b")], { repo: "a" }, 2],
  ["waits-for-build", "those who only watch do not wait", [building(1, "a"), building(2, "a", true)], {}, 1],
  ["waits-for-build", "of other repositories", [building(1, "a"), building(2, "b")], { otherThan: "a" }, 1],
  ["queue-age-p95", "of all", [building(1, "a"), build(4, "a"), building(5, "b"), build(65, "b")], {}, 60_000],
  ["queue-age-p95", "from the first who waits", [building(1, "a"), building(3, "a"), build(5, "a")], {}, 4_000],
  ["queue-age-p95", "a build of nobody does not count", [build(1, "a")], {}, null],
  ["queue-age-p95", "a build that runs already is not waited for", [build(1, "a"), building(9, "a"), built(10, "a")], {}, 0],
  ["queue-age-p95", "the next build is another one", [build(1, "a"), built(2, "a"), building(3, "a"), build(10, "a")], {}, 7_000],
  ["queue-age-p95", "one that waits still", [building(3_590, "a")], {}, 10_000],
  ["watchers-served", "all", [...launch({ at: 1, isWatching: true }), ...launch({ at: 2 })], {}, 1],
  ["watchers-served", "one who failed", [...launch({ at: 1, isWatching: true }), ...launch({ at: 2, isWatching: true, outcome: "failed" })], {}, 0.5],
  ["watchers-served", "nobody followed one", [...launch({ at: 2 })], {}, null],
  ["slots-idle-max", "the longest", [measured(1, "builds.idleMs", 2_000), measured(2, "builds.idleMs", 1_000)], {}, 2_000],
  ["slots-idle-max", "none was seen", [], {}, 0],
  ["first-try-success", "who watches a build wants no session", [...launch({ at: 1, isWatching: true, took: 900 })], {}, null],
];

describe("measures of builds", () => {
  it.each(ROWS)("%s: %s", (name, _what, records, values, expected) => {
    expect(measuredOf(MEASURES[name], records, values)).toBe(expected);
  });
});
