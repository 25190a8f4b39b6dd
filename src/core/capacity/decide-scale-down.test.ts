/** Tables for machines that are drained because they are not needed, and for the maximum of machines. */
import { describe, expect, it } from "vitest";
import { MINUTE_MS, SECOND_MS } from "#base/units.ts";
import type { NodeObservation } from "../nodes/node.ts";
import { decideNodesMax, type NodesMaxNeed } from "./decide-nodes-max.ts";
import { decideScaleDown, NOTHING_SPARE, type ScaleDownNeed } from "./decide-scale-down.ts";
import { nodeOf } from "./machines-in-tests.ts";

const policy = { nodesMin: 1, scaleDownAfterMs: 10 * MINUTE_MS };
const need = (nodes: readonly NodeObservation[], over: Partial<ScaleDownNeed> = {}) => ({
  nodes,
  drained: [],
  reserve: 2,
  waiting: 0,
  pending: 0,
  nodesComing: 0,
  ...over,
});
const two = [nodeOf("a", { sessions: 5 }), nodeOf("b", { sessions: 1 })];
const long = { ...NOTHING_SPARE, spareSinceMs: 0 };
const later = 10 * MINUTE_MS;

describe("decideScaleDown", () => {
  it("drains the emptiest when the rest could hold all and the reserve for long enough", () => {
    const first = decideScaleDown(NOTHING_SPARE, need(two), policy, 0);
    expect(first).toEqual({ next: long, action: { kind: "none" } });
    expect(decideScaleDown(long, need(two), policy, later - 1).action.kind).toBe("none");
    expect(decideScaleDown(long, need(two), policy, later).action).toMatchObject({
      kind: "drain",
      node: "b",
      because: "for 10 min the other 1 machines could hold all 6 sessions and 2 to come; b has 1",
    });
  });

  it("drains the oldest of those that are equally empty", () => {
    const nodes = [nodeOf("young", { createdAtMs: 5 }), nodeOf("old", { createdAtMs: 1 })];
    expect(decideScaleDown(long, need(nodes), policy, later).action).toMatchObject({ node: "old" });
  });

  it.each<[string, readonly NodeObservation[], Partial<ScaleDownNeed>, Partial<typeof policy>]>([
    ["it is the last one", [nodeOf("a")], {}, {}],
    ["it is one of those that always stay", two, {}, { nodesMin: 2 }],
    ["the other one takes no sessions", [nodeOf("a"), nodeOf("b", { bars: ["cordoned"] })], {}, {}],
    ["the rest could not hold all", two, { reserve: 5 }, {}],
    ["somebody waits", two, { waiting: 1 }, {}],
    ["a session has no room", two, { pending: 1 }, {}],
    ["a machine comes", two, { nodesComing: 1 }, {}],
    ["a machine is being proven", [...two, nodeOf("c", { bars: ["unproven"] })], {}, {}],
    ["another one is being drained", [...two, nodeOf("c", { bars: ["draining"] })], {}, {}],
    ["it is switched off", two, {}, { scaleDownAfterMs: Number.POSITIVE_INFINITY }],
  ])("drains nothing when %s", (_, nodes, over, policyOver) => {
    const decided = decideScaleDown(long, need(nodes, over), { ...policy, ...policyOver }, later);
    expect(decided.action.kind).toBe("none");
  });

  it("begins to wait anew when a machine was needed meanwhile", () => {
    expect(
      decideScaleDown(long, need(two, { waiting: 1 }), policy, 5).next.spareSinceMs,
    ).toBeNull();
  });

  it.each([
    ["somebody waits", { waiting: 1 }, "undo"],
    ["the reserve does not fit any more", { reserve: 9 }, "undo"],
    ["all is well", {}, "none"],
    ["a person drained it", { waiting: 1, drained: [] }, "none"],
  ])("takes back what it drained when %s", (_, over, kind) => {
    const nodes = [nodeOf("a", { sessions: 5 }), nodeOf("b", { bars: ["draining"], sessions: 1 })];
    const decided = decideScaleDown(long, need(nodes, { drained: ["b"], ...over }), policy, later);
    expect(decided.action.kind).toBe(kind);
  });
});

describe("a drained machine that nobody takes away", () => {
  const drained = (sessions: number) => [
    nodeOf("a", { sessions: 5 }),
    nodeOf("b", { bars: ["draining"], sessions }),
    nodeOf("c", { sessions: 2 }),
  ];
  const waits = need(drained(0), { drained: ["b"] });

  it("is given back when it was empty for half an hour, and another one is tried", () => {
    const empty = decideScaleDown(long, waits, policy, 0);
    expect(empty).toEqual({
      next: { ...NOTHING_SPARE, emptySinceMs: 0 },
      action: { kind: "none" },
    });
    const given = decideScaleDown(empty.next, waits, policy, 30 * MINUTE_MS);
    expect(given.action).toMatchObject({ kind: "undo", node: "b" });
    const open = need([nodeOf("a", { sessions: 5 }), nodeOf("b"), nodeOf("c", { sessions: 2 })]);
    const again = { ...given.next, spareSinceMs: 0 };
    expect(decideScaleDown(again, open, policy, later).action).toMatchObject({ node: "c" });
  });

  it("is waited for as long as somebody is on it", () => {
    const held = need(drained(1), { drained: ["b"] });
    const state = { ...NOTHING_SPARE, emptySinceMs: 0 };
    const decided = decideScaleDown(state, held, policy, 9 * 60 * MINUTE_MS);
    expect(decided).toEqual({ next: NOTHING_SPARE, action: { kind: "none" } });
  });

  it("is forgotten when it is gone", () => {
    const state = { ...NOTHING_SPARE, kept: ["gone", "a"] };
    expect(decideScaleDown(state, need(two), policy, 0).next.kept).toEqual(["a"]);
  });
});

describe("decideNodesMax", () => {
  const short: NodesMaxNeed = { nodesMax: 5, nodes: 5, seatsPerNode: 10, missing: 12, short: 3 };
  const since = 0;
  const now = 30 * SECOND_MS;
  it.each<[string, Partial<NodesMaxNeed>, number, number | null]>([
    ["within the budget", {}, 20, 7],
    ["up to the budget", {}, 6, 6],
    ["not without a budget", {}, 0, null],
    ["not beyond what it is", {}, 5, null],
    ["not while a machine can be made", { nodes: 4 }, 20, null],
    ["not while nobody waits", { missing: 0, short: 0 }, 20, null],
    ["before people wait", { missing: 0, short: 1 }, 20, 6],
  ])("raises the maximum %s", (_, over, nodesMaxBudget, expected) => {
    const decided = decideNodesMax(since, { ...short, ...over }, { nodesMaxBudget }, now);
    expect(decided.raiseTo).toBe(expected);
  });

  it("waits until it was short for a while", () => {
    const budget = { nodesMaxBudget: 20 };
    expect(decideNodesMax(null, short, budget, now)).toMatchObject({
      raiseTo: null,
      shortSinceMs: now,
    });
    expect(decideNodesMax(1, short, budget, now)).toMatchObject({ raiseTo: null, shortSinceMs: 1 });
  });
});
