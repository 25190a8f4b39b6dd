/** What was found and closed, measured in tiny runs. */
import { describe, expect, it } from "vitest";
import { MEASURES } from "./measures.ts";
import {
  action,
  canary,
  fault,
  incident,
  launch,
  page,
  measuredOf,
  type MeasureRow,
} from "./records-in-tests.ts";

const BAD_NODE = { podNet: "down", dns: "up", scratch: true };
const quarantine = (node: string) => ({ kind: "quarantine-node", node }) as const;
const NODE = { cause: "node-pod-network", kind: "node", subject: "n-1" } as const;
const fiveGreen = [1_000, 1_100, 1_200, 1_300, 1_400].map((at) => canary(at));

// biome-ignore format: a table, one row a case
const ROWS: readonly MeasureRow[] = [
  ["detected-after", "by its cause", [fault(10, "node.join", ["n-1"], BAD_NODE), fault(20, "culler.hang"), incident(82, "opened")], { cause: "loop-stalled" }, 62_000],
  ["detected-after", "of another thing", [fault(20, "culler.hang"), incident(82, "opened", { subject: "resync" })], { cause: "loop-stalled", subject: "culler" }, null],
  ["detected-after", "of what was hit", [fault(20, "node.podNet", ["n-1"]), incident(30, "opened", { ...NODE, subject: "n-2" }), incident(40, "opened", NODE)], { cause: "node-pod-network", subject: "faulted" }, 20_000],
  ["detected-after", "before the fault is no detection", [incident(1, "opened"), fault(20, "culler.hang")], { cause: "loop-stalled" }, null],
  ["detected-after", "from a fault by name", [fault(10, "culler.hang"), fault(20, "edge.wedge"), incident(40, "opened")], { cause: "loop-stalled", fault: "edge.wedge" }, 20_000],
  ["incidents", "opened ones", [incident(1, "opened"), incident(2, "mitigated"), incident(3, "opened", NODE)], {}, 2],
  ["incidents", "of one cause", [incident(1, "opened"), incident(3, "opened", NODE)], { cause: "loop-stalled" }, 1],
  ["incidents-otherwise", "than expected", [incident(1, "opened"), incident(3, "opened", NODE)], { causes: ["loop-stalled"] }, 1],
  ["incidents-open-at-end", "one is resolved", [incident(1, "opened"), incident(2, "opened", { ...NODE, id: "i-2" }), incident(3, "resolved")], {}, 1],
  ["incidents-open-at-end", "one is open again", [incident(1, "opened"), incident(3, "resolved"), incident(4, "reopened")], {}, 1],
  ["resolved-after", "the last time", [fault(1, "culler.hang"), incident(2, "opened"), incident(11, "resolved"), incident(20, "reopened"), incident(31, "resolved")], { cause: "loop-stalled" }, 30_000],
  ["resolved-after", "it is open again", [fault(1, "culler.hang"), incident(11, "resolved"), incident(20, "reopened")], {}, null],
  ["resolved-by-rule", "five green canaries", [...fiveGreen, incident(1_500, "resolved")], {}, 1],
  ["resolved-by-rule", "only four", [...fiveGreen.slice(1), incident(1_500, "resolved")], {}, 0],
  ["resolved-by-rule", "the last but one was red", [...fiveGreen, canary(1_410, false), canary(1_420), incident(1_500, "resolved")], {}, 0],
  ["resolved-by-rule", "a launch failed in the last ten minutes", [...fiveGreen, ...launch({ at: 1_410, outcome: "failed" }), incident(1_500, "resolved")], {}, 0],
  ["resolved-by-rule", "a launch failed before", [...launch({ at: 800, outcome: "failed" }), ...fiveGreen, incident(1_500, "resolved")], {}, 1],
  ["resolved-by-rule", "its node is in quarantine", [action(10, quarantine("n-1")), ...fiveGreen, incident(1_500, "resolved", NODE)], {}, 0],
  ["resolved-by-rule", "its node was recycled", [action(10, quarantine("n-1")), action(20, { kind: "recycle-node", node: "n-1" }), ...fiveGreen, incident(1_500, "resolved", NODE)], {}, 1],
  ["resolved-by-rule", "nothing was resolved", [incident(1, "opened")], {}, null],
  ["pages", "all", [page(1), page(2)], {}, 2],
  ["paged-after", "the next one", [page(1), fault(10, "culler.hang"), page(40)], {}, 30_000],
  ["canary-failures", "red ones", [canary(1), canary(2, false)], {}, 1],
];

describe("measures of incidents", () => {
  it.each(ROWS)("%s: %s", (name, _what, records, values, expected) => {
    expect(measuredOf(MEASURES[name], records, values)).toBe(expected);
  });
});
