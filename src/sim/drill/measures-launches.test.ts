/** What people went through, measured in tiny runs. */
import { describe, expect, it } from "vitest";
import { MEASURES } from "./measures.ts";
import { asked, fault, launch, measuredOf, type MeasureRow } from "./records-in-tests.ts";

// biome-ignore format: a table, one row a case
const ROWS: readonly MeasureRow[] = [
  ["first-try-success", "nothing was asked for", [], {}, null],
  ["first-try-success", "a second start counts as a failure", [...launch({ at: 1 }), ...launch({ at: 2, attempts: 2 })], {}, 0.5],
  ["first-try-success", "a refusal counts for nothing", [...launch({ at: 1 }), ...launch({ at: 2, outcome: "refused" })], {}, 1],
  ["first-try-success", "a repository's own failure counts for nothing", [...launch({ at: 1 }), ...launch({ at: 2, outcome: "failed", fault: "repository" })], {}, 1],
  ["first-try-success", "a build over its limit is the repository's doing", [...launch({ at: 1 }), ...launch({ at: 2, outcome: "failed", fault: "limits", code: "build-out-of-memory" })], {}, 1],
  ["first-try-success", "a queue without end is not", [...launch({ at: 1 }), ...launch({ at: 2, outcome: "failed", fault: "limits", code: "queue-too-long" })], {}, 0.5],
  ["first-try-success", "61 s of silence are a failure", [...launch({ at: 1, took: 70, silence: 61 })], {}, 0],
  ["first-try-success", "301 s are a failure", [...launch({ at: 1, took: 301 })], {}, 0],
  ["first-try-success", "with another limit they are none", [...launch({ at: 1, took: 301 })], { total: 400_000 }, 1],
  ["first-try-success", "who leaves was failed", [...launch({ at: 1, outcome: "left" })], {}, 0],
  ["first-try-success", "who waits for ever was failed", [asked(1, "x"), ...launch({ at: 2 })], {}, 0.5],
  ["first-try-success", "who came at the very end was not", [asked(3_500, "x"), ...launch({ at: 2 })], {}, 1],
  ["first-try-success", "canaries are nobody", [...launch({ at: 1, isCanary: true, outcome: "failed" })], {}, null],
  ["first-try-success", "of one repository", [...launch({ at: 1, repo: "b" }), ...launch({ at: 2, outcome: "failed" })], { repo: "b" }, 1],
  ["first-try-success", "of a group of repositories", [...launch({ at: 1, repo: "rest-12" }), ...launch({ at: 2, repo: "rester-1", outcome: "failed" })], { repo: "rest" }, 1],
  ["first-try-success", "of all others", [...launch({ at: 1, repo: "b" }), ...launch({ at: 2, outcome: "failed" })], { otherThan: "b" }, 0],
  ["first-try-success", "of a part of the run", [...launch({ at: 1, outcome: "failed" }), ...launch({ at: 100 })], { from: 50_000 }, 1],
  ["launch-success", "a second start is a success", [...launch({ at: 1, attempts: 2 })], {}, 1],
  ["launch-success", "a failure is none", [...launch({ at: 1 }), ...launch({ at: 2, outcome: "failed" })], {}, 0.5],
  ["launches", "all of people", [...launch({ at: 1 }), ...launch({ at: 2, isCanary: true })], {}, 1],
  ["launch-failures", "failures and those who left", [...launch({ at: 1, outcome: "left" }), ...launch({ at: 2, outcome: "failed" }), ...launch({ at: 3, outcome: "failed", fault: "repository" })], {}, 2],
  ["failures-saying", "the text", [...launch({ at: 1, outcome: "failed", message: "apt.example answers 404" }), ...launch({ at: 2, outcome: "failed" })], { text: "apt.example" }, 0.5],
  ["failures-saying", "nothing failed", launch({ at: 1 }), { text: "x" }, null],
  ["failures-with-code", "the code", launch({ at: 1, outcome: "failed", code: "disk-full" }), { code: "disk-full" }, 1],
  ["mitigated-after", "nobody noticed", [fault(100, "culler.hang"), ...launch({ at: 110 })], {}, 0],
  ["mitigated-after", "from after the last failure on", [fault(100, "culler.hang"), ...launch({ at: 110, outcome: "failed" }), ...launch({ at: 120, outcome: "failed" }), ...launch({ at: 130 })], {}, 20_001],
  ["mitigated-after", "failures before the fault are another's", [...launch({ at: 1, outcome: "failed" }), fault(100, "culler.hang"), ...launch({ at: 130 })], {}, 0],
  ["mitigated-after", "a calm of ten minutes is enough", [fault(100, "culler.hang"), ...launch({ at: 110 }), ...launch({ at: 800, outcome: "failed" })], {}, 0],
  ["mitigated-after", "a calm of five is not", [fault(100, "culler.hang"), ...launch({ at: 110 }), ...launch({ at: 400, outcome: "failed" })], {}, 300_001],
  ["mitigated-after", "without a fault", launch({ at: 1 }), {}, null],
];

describe("measures of launches", () => {
  it.each(ROWS)("%s: %s", (name, _what, records, values, expected) => {
    expect(measuredOf(MEASURES[name], records, values)).toBe(expected);
  });
});
