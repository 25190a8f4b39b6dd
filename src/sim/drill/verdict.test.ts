/** What a run is judged by: its own criteria, the common ones, and what ablations must show. */
import { describe, expect, it } from "vitest";
import type { WorldRecord } from "../world/records.ts";
import type { Ablation, Criterion, Drill } from "./drill.ts";
import type { DrillRun } from "./drill-run.ts";
import { parseDrill } from "./parse-drill.ts";
import {
  action,
  canary,
  ended,
  fault,
  incident,
  launch,
  measured,
  page,
} from "./records-in-tests.ts";
import { judge, judgeAblation } from "./verdict.ts";

const TEXT = `drill: mine
title: Mine
incident: null
story: Something happens.
starts: 1970-01-01T00:00:00Z
lasts: 1h
`;

function drillOf(rest = ""): Drill {
  const parsed = parseDrill({ name: "mine", text: TEXT + rest }, () => null);
  if (parsed.kind === "invalid") throw new Error(JSON.stringify(parsed.complaints));
  return parsed.drill;
}

function runOf(records: readonly WorldRecord[], invariants: readonly string[] = []): DrillRun {
  const inOrder = records.toSorted((a, b) => a.atMs - b.atMs);
  return { records: inOrder, traceHash: "", virtualMs: 3_600_000, realMs: null, invariants };
}

const NODE = { cause: "node-pod-network", kind: "node", subject: "n-1" } as const;
const podNet = fault(100, "node.podNet", ["n-1"], { state: "down" });
const found = incident(130, "opened", NODE);
const good = launch({ at: 140 });

describe("a run", () => {
  it.each<[string, readonly WorldRecord[], readonly string[]]>([
    ["nothing happens", [], []],
    ["the fault is found and hurts nobody", [podNet, found, ...good], []],
    ["it is never found", [podNet, ...good], ["D"]],
    ["it is found late", [podNet, incident(161, "opened", NODE), ...good], ["D"]],
    ["another cause is named", [podNet, incident(110, "opened"), ...good], ["D"]],
    ["a loop may take two minutes", [fault(100, "culler.hang"), incident(219, "opened")], []],
    ["and no longer", [fault(100, "culler.hang"), incident(221, "opened")], ["D"]],
    [
      "a leak may take ten",
      [fault(100, "control.leak"), incident(690, "opened", { cause: "control-leak" })],
      [],
    ],
    [
      "what is no fault is not looked for",
      [fault(100, "edge.scale", ["edge"]), fault(100, "node.join", ["n-2"], { podNet: "up" })],
      [],
    ],
    [
      "people suffer for more than three minutes",
      [podNet, found, ...launch({ at: 290, outcome: "failed" })],
      ["M"],
    ],
    ["a session is lost elsewhere", [podNet, found, ended(200, "s-1", { node: "n-2" })], ["S"]],
    ["a session is lost on what was hit", [podNet, found, ended(200, "s-1", { node: "n-1" })], []],
    [
      "somebody had to do something",
      [action(1, { kind: "drain-node", node: "n-1" }, { by: "ada" })],
      ["H"],
    ],
    [
      "two quarantines at once",
      [
        action(1, { kind: "quarantine-node", node: "n-1" }),
        action(2, { kind: "quarantine-node", node: "n-2" }),
      ],
      ["A"],
    ],
    [
      "something is done without evidence",
      [action(1, { kind: "restart-loop", loop: "culler" }, { evidence: "" })],
      ["A"],
    ],
    [
      "an incident is closed early",
      [incident(1, "opened"), canary(2), incident(3, "resolved")],
      ["R"],
    ],
  ])("%s", (_, records, broken) => {
    const { isPassed, judged } = judge(drillOf(), runOf(records), runOf([]));
    expect(judged.filter(({ isMet }) => !isMet).map(({ letter }) => letter)).toEqual(broken);
    expect(isPassed).toBe(broken.length === 0);
  });

  it("without faults must be silent, but may follow demand", () => {
    const silent = runOf([action(1, { kind: "drain-node", node: "n-1" })]);
    expect(judge(drillOf(), runOf([]), silent).isPassed).toBe(true);
    const loud = runOf([action(1, { kind: "restart-loop", loop: "culler" }), page(2)]);
    const broken = judge(drillOf(), runOf([]), loud).judged.filter(({ isMet }) => !isMet);
    expect(broken.map(({ letter }) => letter)).toEqual(["C", "C"]);
  });

  it("is not asked what its drill excepts, except for the invariants", () => {
    const drill = drillOf("except: { D: there is nobody who looks }\n");
    expect(judge(drill, runOf([podNet, ...good]), null).isPassed).toBe(true);
    const broken = judge(drill, runOf([], ["00:10 two builds of one key"]), null);
    expect(broken.isPassed).toBe(false);
    expect(broken.judged.at(-1)).toMatchObject({
      letter: "I",
      value: 1,
      because: "00:10 two builds of one key",
    });
  });

  it.each<[string, Partial<Criterion>, number | null, boolean]>([
    ["at the upper limit", { atMost: 5 }, 5, true],
    ["above it", { atMost: 5 }, 6, false],
    ["at the lower limit", { atLeast: 5 }, 5, true],
    ["under it", { atLeast: 5 }, 4, false],
    ["between the two", { atLeast: 1, atMost: 5 }, 3, true],
    ["nothing measured", { atMost: 5 }, null, false],
    ["nothing measured, as it should be", { isNever: true }, null, true],
    ["something measured, as it should not be", { isNever: true }, 0, false],
  ])("is held against its limits: %s", (_, limits, value, isMet) => {
    const criterion = {
      name: "x",
      measure: "measured-last",
      of: { what: "x" },
      atLeast: null,
      atMost: null,
      isNever: false,
      ...limits,
    };
    const run = runOf(value === null ? [] : [measured(1, "x", value)]);
    const drill = { ...drillOf(), must: [criterion] };
    expect(judge(drill, run, null).judged[0]).toMatchObject({ name: "x", value, isMet });
  });
});

describe("an ablation", () => {
  const ablation: Ablation = {
    name: "x",
    without: ["node-probes"],
    policy: {},
    world: null,
    fails: ["D"],
    shows: [],
  };
  const shown = {
    name: "pods",
    measure: "measured-last",
    of: { what: "x" },
    atLeast: 5,
    atMost: null,
    isNever: false,
  };

  it.each<[string, Partial<Ablation>, readonly WorldRecord[], boolean]>([
    ["fails what it must", {}, [podNet], true],
    ["fails something else", {}, [podNet, found, ...launch({ at: 290, outcome: "failed" })], false],
    [
      "fails anything, when it does not matter what",
      { fails: [] },
      [podNet, found, ...launch({ at: 290, outcome: "failed" })],
      true,
    ],
    ["holds", { fails: [] }, [podNet, found], false],
    ["shows what it must", { shows: [shown] }, [podNet, measured(1, "x", 5)], true],
    ["does not show what it must", { shows: [shown] }, [podNet, measured(1, "x", 4)], false],
  ])("%s", (_, change, records, isAsExpected) => {
    expect(judgeAblation({ ...ablation, ...change }, drillOf(), runOf(records)).isAsExpected).toBe(
      isAsExpected,
    );
  });
});
