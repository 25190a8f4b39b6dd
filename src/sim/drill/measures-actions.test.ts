/** What was done and within which limits, measured in tiny runs. */
import { describe, expect, it } from "vitest";
import { MEASURES } from "./measures.ts";
import { action, fault, sample, measuredOf, type MeasureRow } from "./records-in-tests.ts";

const quarantine = (node: string) => ({ kind: "quarantine-node", node }) as const;

// biome-ignore format: a table, one row a case
const ROWS: readonly MeasureRow[] = [
  ["actions", "done by the machine", [action(1, quarantine("n-1")), action(2, quarantine("n-2"), { by: "ada" }), action(3, quarantine("n-3"), { outcome: { kind: "refused", because: "limit" } })], {}, 1],
  ["actions", "of one kind", [action(1, quarantine("n-1"))], { kind: "drain-node" }, 0],
  ["actions", "upon what was hit", [fault(1, "node.podNet", ["n-1"]), action(2, quarantine("n-1")), action(3, quarantine("n-2"))], { subject: "faulted" }, 1],
  ["actions", "without those of any day", [action(1, quarantine("n-1")), action(2, { kind: "drain-node", node: "n-2" })], { upkeep: false }, 1],
  ["action-after", "the first after the fault", [action(1, quarantine("n-1")), fault(10, "node.podNet", ["n-1"]), action(40, quarantine("n-1"))], { kind: "quarantine-node" }, 30_000],
  ["commands-done", "by people, too", [action(1, quarantine("n-1"), { by: "drill" }), action(2, quarantine("n-2")), action(3, quarantine("n-3"), { outcome: { kind: "refused", because: "limit" } })], {}, 2],
  ["actions-refused", "by limits", [action(3, quarantine("n-3"), { outcome: { kind: "refused", because: "limit" } })], {}, 1],
  ["human-commands", "not those of the drill", [action(1, quarantine("n-1"), { by: "ada" }), action(2, quarantine("n-1"), { by: "drill" })], {}, 1],
  ["restarts", "of all", [action(1, { kind: "restart-loop", loop: "culler" }), action(2, { kind: "restart-component", component: "control-0" })], {}, 2],
  ["restarts", "of components by name", [action(1, { kind: "restart-component", component: "edge-0" }), action(2, { kind: "restart-component", component: "control-0" })], { of: "component", name: "control" }, 1],
  ["restarts-in-window", "two within five minutes", [1, 200, 600].map((at) => action(at, { kind: "restart-component", component: "control-0" })), {}, 2],
  ["quarantines-in-window", "exactly ten minutes apart", [action(0, quarantine("n-1")), action(600, quarantine("n-2"))], {}, 1],
  ["quarantines-in-window", "less than that", [action(0, quarantine("n-1")), action(599, quarantine("n-2"))], {}, 2],
  ["quarantined-share-max", "one of three does not count", [sample(0, { nodes: 3 }), action(1, quarantine("n-1"))], {}, 0],
  ["quarantined-share-max", "two of ten", [sample(0, { nodes: 10 }), action(1, quarantine("n-1")), action(2, quarantine("n-2"))], {}, 0.2],
  ["quarantined-share-max", "one after the other", [sample(0, { nodes: 3 }), action(1, quarantine("n-1")), { kind: "node-removed", atMs: 1_500, node: "n-1" }, action(2, quarantine("n-2"))], {}, 0],
  ["audit-complete", "one without evidence", [action(1, quarantine("n-1")), action(2, quarantine("n-2"), { evidence: "" })], {}, 0.5],
  ["audit-complete", "nothing was done", [], {}, null],
  ["events", "with the text", [{ kind: "event", atMs: 1, what: "release 2 is refused" }, { kind: "event", atMs: 1, what: "release 2 is live" }], { text: "refused" }, 1],
  ["event-after", "with the text", [fault(1, "release.submit", [], { missing: ["chart"] }), { kind: "event", atMs: 4_000, what: "release 2 is refused" }], { text: "refused" }, 3_000],
];

describe("measures of actions", () => {
  it.each(ROWS)("%s: %s", (name, _what, records, values, expected) => {
    expect(measuredOf(MEASURES[name], records, values)).toBe(expected);
  });
});
