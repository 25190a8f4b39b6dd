/** What became of machines and sessions, measured in tiny runs. */
import { describe, expect, it } from "vitest";
import { MEASURES } from "./measures.ts";
import {
  bound,
  ended,
  fault,
  ready,
  sample,
  started,
  measuredOf,
  type MeasureRow,
} from "./records-in-tests.ts";

// biome-ignore format: a table, one row a case
const ROWS: readonly MeasureRow[] = [
  ["sessions-lost", "killed while somebody was at work", [ended(1, "s-1"), ended(2, "s-2", { end: "idle" }), ended(3, "s-3", { wasInUse: false })], {}, 1],
  ["sessions-lost", "not on the node that was hit", [ended(1, "s-1", { node: "n-1" }), fault(2, "node.lost", ["n-1"]), ended(3, "s-2", { node: "n-1" })], {}, 1],
  ["sessions-lost", "those, too", [fault(2, "node.lost", ["n-1"]), ended(3, "s-2", { node: "n-1" })], { where: "anywhere" }, 1],
  ["peak-nodes", "the most", [sample(1, { nodes: 2 }), sample(2, { nodes: 4 }), sample(3, { nodes: 3 })], {}, 4],
  ["peak-pods", "in a part of the run", [sample(1, { pods: 90 }), sample(60, { pods: 4 })], { from: 30_000 }, 4],
  ["nodes-at", "the last sample before", [sample(60, { nodes: 2 }), sample(120, { nodes: 4 })], { at: 119_000 }, 2],
  ["pods-at", "before the first", [sample(60, { pods: 2 })], { at: 1_000 }, null],
  ["sample-max", "of a field", [sample(1, { queued: 7 })], { of: "queued" }, 7],
  ["sample-gap-max", "of two fields", [sample(1, { pods: 7, sessions: 7 }), sample(2, { pods: 12, sessions: 8 })], { of: "pods", over: "sessions" }, 4],
  ["oldest-session", "of all", [sample(1, { oldestSessionMs: 5 }), sample(2, { oldestSessionMs: 3 })], {}, 5],
  ["idle-share-max", "of all", [sample(1, { idleShare: 0.02 })], {}, 0.02],
  ["peak-sessions-of-repo", "at once", [started(1, "s-1"), started(2, "s-2"), ended(3, "s-1"), started(4, "s-3"), started(5, "s-4", "b")], { repo: "a" }, 2],
  ["peak-sessions-of-repo", "of whichever", [started(1, "s-1"), started(2, "s-2", "b"), started(3, "s-3", "b")], {}, 2],
  ["bound-to-node", "since it was hit", [bound(1, "n-1"), fault(2, "node.podNet", ["n-1"]), bound(3, "n-1"), bound(4, "n-2"), bound(5, "n-1", { role: "edge" })], {}, 1],
  ["bound-to-node", "as long as it lasts", [fault(2, "node.disk", ["n-1"], { for: 10_000 }), bound(3, "n-1"), bound(13, "n-1")], {}, 1],
  ["bound-to-node", "by the second such fault", [fault(2, "node.disk", ["n-1"]), bound(3, "n-1"), fault(4, "node.disk", ["n-2"]), bound(5, "n-2"), bound(6, "n-2")], { fault: "node.disk#2" }, 2],
  ["bound-to-node", "a node that joins in good health is not hit", [fault(2, "node.join", ["n-1"], { podNet: "up", dns: "up", scratch: true }), bound(3, "n-1")], {}, 0],
  ["bound-to-node", "by name and role", [bound(1, "n-1", { role: "edge" }), bound(3, "n-1")], { node: "n-1", role: ["edge", "core"] }, 1],
  ["bound-to-node", "unproven", [bound(1, "n-1", { isUnproven: true }), bound(3, "n-1")], { node: "unproven" }, 1],
  ["replaced-within", "on another node", [fault(1, "node.podNet", ["n-1"]), bound(2, "n-1", { launch: "x" }), bound(14, "n-2", { launch: "x" })], {}, 12_000],
  ["replaced-within", "never", [fault(1, "node.podNet", ["n-1"]), bound(2, "n-1", { launch: "x" }), sample(60)], {}, 58_000],
  ["replaced-within", "it came to a session where it was", [fault(1, "node.podNet", ["n-1"]), bound(2, "n-1", { launch: "x" }), ready(5, "x"), sample(60)], {}, 0],
];

describe("measures of the world", () => {
  it.each(ROWS)("%s: %s", (name, _what, records, values, expected) => {
    expect(measuredOf(MEASURES[name], records, values)).toBe(expected);
  });
});
