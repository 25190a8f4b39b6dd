/** Waits, estimates and refusals, measured in tiny runs. */
import { describe, expect, it } from "vitest";
import { MEASURES } from "./measures.ts";
import {
  asked,
  bound,
  launch,
  queued,
  ready,
  measuredOf,
  type MeasureRow,
} from "./records-in-tests.ts";

// biome-ignore format: a table, one row a case
const ROWS: readonly MeasureRow[] = [
  ["refusals", "those of people", [...launch({ at: 1, outcome: "refused" }), ...launch({ at: 1, outcome: "refused", isCanary: true })], {}, 1],
  ["refusal-latency", "the longest", [...launch({ at: 1, outcome: "refused", took: 1 }), ...launch({ at: 1, outcome: "refused", took: 4 })], {}, 4_000],
  ["refusal-latency", "nobody was refused", launch({ at: 1 }), {}, null],
  ["refusals-with-time", "half of them", [...launch({ at: 1, outcome: "refused", retryAfter: 30 }), ...launch({ at: 1, outcome: "refused" })], {}, 0.5],
  ["wait-p95", "of twenty the nineteenth", Array.from({ length: 20 }, (_, n) => launch({ at: n, took: n + 1 })).flat(), {}, 19_000],
  ["wait-p95", "those who left have waited, too", [...launch({ at: 1, took: 1 }), ...launch({ at: 1, took: 600, outcome: "left" })], {}, 600_000],
  ["wait-p95", "another percentile", [...launch({ at: 1, took: 1 }), ...launch({ at: 1, took: 600 })], { percentile: 0.5 }, 1_000],
  ["launches-slower", "who is late, fails, or never ends", [...launch({ at: 1, took: 9 }), ...launch({ at: 2, took: 11 }), ...launch({ at: 3, took: 1, outcome: "failed" }), asked(4, "x")], { than: 10_000 }, 3],
  ["launches-slower", "refusals do not count", launch({ at: 1, took: 99, outcome: "refused" }), { than: 10_000 }, 0],
  ["told-after-max", "until the estimate", [asked(1, "x"), queued(3, "x", null), queued(4, "x", 60), ready(100, "x")], {}, 3_000],
  ["told-after-max", "until a machine has room", [asked(1, "x"), bound(2, "n", { launch: "x" }), ready(100, "x")], {}, 1_000],
  ["told-after-max", "who is told nothing counts to the end", [asked(1, "x")], {}, 3_599_000],
  ["silence-max", "the longest of people, canaries aside", [...launch({ at: 1, silence: 3 }), ...launch({ at: 2, silence: 8 }), ...launch({ at: 3, silence: 99, isCanary: true })], {}, 8_000],
  ["wait-estimate-error", "a fifth too long", [asked(1, "x"), queued(1, "x", 120), ready(101, "x")], {}, 0.2],
  ["wait-estimate-error", "only the first estimate counts", [asked(1, "x"), queued(1, "x", 100), queued(50, "x", 500), ready(101, "x")], {}, 0],
];

describe("measures of waits", () => {
  it.each(ROWS)("%s: %s", (name, _what, records, values, expected) => {
    expect(measuredOf(MEASURES[name], records, values)).toBe(expected);
  });
});
