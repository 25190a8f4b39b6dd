/** The timeline and the report of a tiny run. */
import { describe, expect, it } from "vitest";
import type { WorldRecord } from "../world/records.ts";
import type { DrillRun } from "./drill-run.ts";
import { parseDrill } from "./parse-drill.ts";
import { action, fault, incident, launch, page, sample } from "./records-in-tests.ts";
import { renderReport } from "./report.ts";
import { timelineOf } from "./timeline.ts";
import { judge } from "./verdict.ts";

const TEXT = `drill: mine
title: a machine goes bad
incident: null
story: Something happens.
starts: 1970-01-01T00:00:00Z
lasts: 1h
world: { cluster: { nodes: 2, nodesMax: 3 } }
`;
const NODE = { cause: "node-pod-network", kind: "node", subject: "n-1" } as const;
const quarantine = { kind: "quarantine-node", node: "n-1" } as const;

function texts(records: readonly WorldRecord[]): readonly string[] {
  return timelineOf(records.toSorted((a, b) => a.atMs - b.atMs)).map(({ text }) => text);
}

function reportOf(records: readonly WorldRecord[]): string {
  const parsed = parseDrill({ name: "mine", text: TEXT }, () => null);
  if (parsed.kind === "invalid") throw new Error(JSON.stringify(parsed.complaints));
  const inOrder = records.toSorted((a, b) => a.atMs - b.atMs);
  const run: DrillRun = {
    records: inOrder,
    traceHash: "",
    virtualMs: 3_600_000,
    realMs: null,
    invariants: [],
  };
  return renderReport(parsed.drill, run, judge(parsed.drill, run, null));
}

describe("a timeline", () => {
  it("says how long after the fault it was found", () => {
    expect(texts([fault(10, "node.podNet", ["n-1"]), incident(40, "opened", NODE)])[1]).toBe(
      "Found: node-pod-network of node n-1, 30 s after node.podNet. no progress for 62 s.",
    );
  });

  it("says what was particular about a fault", () => {
    const values = { podNet: "down", dns: "up", ready: true, scratch: true };
    expect(texts([fault(10, "node.join", ["n-1"], values)])).toEqual([
      "node.join (podNet down): A machine joins the cluster.",
    ]);
  });

  it("says who did something, and what it rested on", () => {
    expect(
      texts([action(1, quarantine), action(2, { kind: "drain-node", node: "n-2" }, { by: "ada" })]),
    ).toEqual([
      "Bindery: quarantine-node n-1. 3 probes failed.",
      "ada (by hand): drain-node n-2. 3 probes failed.",
    ]);
  });

  it("says why something was not done", () => {
    const outcome = { kind: "refused", because: "1 node in 10 minutes" } as const;
    expect(texts([action(1, quarantine, { outcome })])).toEqual([
      "Bindery: quarantine-node n-1, which was refused: 1 node in 10 minutes.",
    ]);
  });

  it("tells once what repeats soon, and again what comes back later", () => {
    const acts = [0, 60, 120, 2_000].map((at) => action(at, quarantine));
    expect(texts(acts)).toEqual([
      "Bindery: quarantine-node n-1. 3 probes failed. (2 times more within 2 min)",
      "Bindery: quarantine-node n-1. 3 probes failed.",
    ]);
  });

  it("says when launches began to fail, for whom, and when that was over", () => {
    const failing = [1, 2, 3, 4].flatMap((at) =>
      launch({ at: at * 10, outcome: "failed", repo: `r-${at}`, code: "session-lost" }),
    );
    const well = Array.from({ length: 10 }, (_, n) => launch({ at: 100 + n })).flat();
    expect(texts([...failing, ...well])).toEqual([
      "Launches fail: 4 of the last 4, for r-1, r-2, r-3 and 1 more repository (session-lost).",
      "Launches succeed again.",
    ]);
  });

  it("says when the cluster has grown", () => {
    const samples = [2, 2, 3, 2, 3].map((nodes, n) => sample(n * 60, { nodes, pods: 9 }));
    expect(texts(samples)).toEqual(["Now at 3 machines, with 9 pods of sessions."]);
  });
});

describe("a report", () => {
  const day = [
    fault(500, "node.podNet", ["n-1"], { state: "down" }),
    ...launch({ at: 510, outcome: "failed" }),
    incident(620, "opened", NODE),
    page(621),
    action(640, quarantine, { by: "ada" }),
    sample(660, { nodes: 3, pods: 70 }),
    ...launch({ at: 700, outcome: "refused", code: "queue-full" }),
  ];

  it("has the form of the reports that people write", () => {
    expect(reportOf(day)).toBe(
      `# 1970-01-01, a machine goes bad

## Summary

2 launches were asked for from 0:00 on, for 1 h. 0 % of them came to a session at the first try. Peaks at 0:11 with 70 pods; 3 machines at most.

1 fault. Incidents: node-pod-network of node n-1. 1 still open at the end. 0 automatic actions, 1 command by hand, somebody was woken once.

Not all that must hold held: node.podNet is found: 2 min (at most 1 min); no command by hand: 1 (at most 0).

## Timeline

All times in UTC

### 1970-01-01 0:08

node.podNet: Pods on the node are not reached and reach nothing; the machine itself is fine.

### 0:10

Found: node-pod-network of node n-1, 2 min after node.podNet. no progress for 62 s.

Somebody is woken: help

ada (by hand): quarantine-node n-1. 3 probes failed.

### 0:11

A launch of a is refused (queue-full).

## Action items

### Detection

- node.podNet was found after 2 min; the limit is 1 min.

### Mitigation

- Make it hold: no command by hand: 1 (at most 0).

### By hand

- \`quarantine-node n-1\` was given by hand: why was it needed?

### Limits

- The maximum of 3 machines was reached.
- 1 launch was refused (queue-full).

### Open

- node-pod-network of node n-1 is still open.
`,
    );
  });

  it("of a day on which nothing happened is short", () => {
    const report = reportOf([]);
    expect(report).toContain("Everything that must hold held.");
    expect(report).toContain("## Timeline\n\nAll times in UTC\n\nNothing happened.");
    expect(report).toContain("## Action items\n\nNone.");
  });
});
