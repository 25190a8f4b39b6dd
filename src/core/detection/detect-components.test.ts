/** Components that lag, crash, or serve nothing, and edges that stand where they must not. */
import { describe, expect, it } from "vitest";
import { MINUTE_MS, SECOND_MS } from "#base/units.ts";
import { findingKey } from "../incident/finding.ts";
import { type CrashMemory, detectCrashLoops } from "./detect-crash-loops.ts";
import { detectEdge, EDGE_AT_REST } from "./detect-edge.ts";
import { detectSlowness, type SlownessMemory } from "./detect-slowness.ts";
import { component, node } from "./observed-in-tests.ts";
import { noteReleases, type ReleaseMemory, youngReleases } from "./young-releases.ts";

describe("event loops", () => {
  const policy = { loopLagMaxMs: 250, loopLagForMs: 30_000 };
  it.each([
    ["quick", () => 20, []],
    ["slow for a moment", (second: number) => (second === 30 ? 900 : 20), []],
    ["slow for long", () => 300, ["control-slow:component:control-1"]],
    ["slow again just now", (second: number) => (second < 50 ? 20 : 300), []],
    ["unknown", () => null, []],
  ])("%s", (_, lagAt, keys) => {
    let memory: SlownessMemory = new Map();
    let found: readonly string[] = [];
    for (let second = 0; second <= 60; second += 5) {
      const components = [component("control-1", { loopLagMs: lagAt(second) })];
      const result = detectSlowness(memory, components, policy, second * SECOND_MS);
      memory = result.memory;
      found = result.findings.map(findingKey);
    }
    expect(found).toEqual(keys);
  });
});

describe("crash loops", () => {
  /** Restarts of each after each minute. */
  function keysAfter(
    restarts: Readonly<Record<string, readonly number[]>>,
    nodes: Readonly<Record<string, string>> = {},
  ) {
    let memory: CrashMemory = new Map();
    let keys: readonly string[] = [];
    for (let minute = 0; minute < 8; minute += 1) {
      const components = Object.entries(restarts).map(([name, counts]) =>
        component(name, {
          restarts: counts[minute] ?? counts.at(-1) ?? 0,
          node: nodes[name] ?? name,
        }),
      );
      const result = detectCrashLoops(
        memory,
        components,
        { crashRestartsMax: 3 },
        minute * MINUTE_MS,
      );
      memory = result.memory;
      keys = result.findings.map(findingKey);
    }
    return keys;
  }

  it.each<[string, Parameters<typeof keysAfter>, readonly string[]]>([
    ["quiet", [{ a: [0] }], []],
    ["restarted often, but before the watch", [{ a: [13] }], []],
    ["two restarts", [{ a: [0, 0, 0, 0, 0, 1, 2] }], []],
    [
      "three in five minutes",
      [{ a: [0, 0, 0, 0, 0, 1, 2, 3] }],
      ["component-crash-loop:component:a"],
    ],
    ["three, long ago", [{ a: [0, 3] }], []],
    [
      "two components on two nodes",
      [{ a: [0, 0, 0, 0, 0, 3], b: [0, 0, 0, 0, 0, 3] }],
      ["component-crash-loop:component:a", "component-crash-loop:component:b"],
    ],
    [
      "two components on one node",
      [
        { a: [0, 0, 0, 0, 0, 3], b: [0, 0, 0, 0, 0, 3] },
        { a: "bad", b: "bad" },
      ],
      ["component-crash-loop:node:bad"],
    ],
  ])("%s", (_, given, keys) => {
    expect(keysAfter(...given)).toEqual(keys);
  });
});

describe("the edge", () => {
  const NOW_MS = 1_000_000;
  const policy = { edgeReplicasMin: 2, opsIntervalMs: 5_000 };
  const edge = (name: string, at: string, answers: boolean | null = true) =>
    component(name, { role: "edge", node: at, answers });
  const off = (name: string, at: string) => ({ ...edge(name, at, false), isReady: false });
  const nodes = [
    node("a"),
    node("b"),
    node("c", { bars: ["cordoned"] }),
    node("d", { isReady: false }),
    node("emptied", { bars: ["draining"] }),
  ];

  it.each<[string, readonly ReturnType<typeof edge>[], number, readonly string[]]>([
    ["all is well", [edge("e1", "a"), edge("e2", "b")], 5, []],
    ["not asked", [edge("e1", "a", null), edge("e2", "b", null)], 5, []],
    ["no edge at all", [], 5, []],
    ["one was silent once", [edge("e1", "a"), edge("e2", "b", false)], 1, []],
    [
      "one is silent",
      [edge("e1", "a"), edge("e2", "b", false)],
      2,
      ["edge-replica-wedged:edge:e2"],
    ],
    [
      "all are silent",
      [edge("e1", "a", false), edge("e2", "b", false)],
      2,
      ["edge-replica-wedged:edge:e1", "edge-replica-wedged:edge:e2", "edge-down:edge:all"],
    ],
    [
      "all are silent and not ready, on good nodes",
      [off("e1", "a"), off("e2", "b")],
      3,
      ["edge-replica-wedged:edge:e1", "edge-replica-wedged:edge:e2", "edge-down:edge:all"],
    ],
    [
      "one that is about to be ready",
      [edge("e1", "a"), { ...off("e2", "b"), startedAtMs: NOW_MS }],
      3,
      [],
    ],
    [
      "silent where nothing is served",
      [off("e1", "c"), off("e2", "c")],
      5,
      ["edge-unschedulable:edge:all"],
    ],
    ["one on a node that is emptied", [edge("e1", "a"), edge("e2", "emptied")], 5, []],
    ["one on a cordoned node for a moment", [edge("e1", "a"), edge("e2", "c")], 1, []],
    [
      "one on a cordoned node",
      [edge("e1", "a"), edge("e2", "c")],
      3,
      ["edge-unschedulable:edge:all"],
    ],
    [
      "both where nothing is taken in",
      [edge("e1", "c"), edge("e2", "d")],
      1,
      ["edge-unschedulable:edge:all"],
    ],
    [
      "one that stands nowhere yet",
      [edge("e1", "a"), component("e2", { role: "edge", node: null, isReady: false })],
      3,
      ["edge-unschedulable:edge:all"],
    ],
  ])("%s", (_, components, rounds, keys) => {
    let memory = EDGE_AT_REST;
    let found: readonly string[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const nowMs = NOW_MS + round * 5_000;
      const result = detectEdge(memory, { components, nodes }, policy, nowMs);
      memory = result.memory;
      found = result.findings.map(findingKey);
    }
    expect(found).toEqual(keys);
  });

  it("has no rule about nodes on one machine", () => {
    const given = { components: [edge("e1", "c")], nodes };
    expect(detectEdge(EDGE_AT_REST, given, { ...policy, edgeReplicasMin: 0 }, 0).findings).toEqual(
      [],
    );
  });
});

describe("young releases", () => {
  /** The release of each look, one every ten minutes. */
  it.each([
    ["the one that ran when the watch began", ["1", "1"], []],
    ["one that came since", ["1", "2"], ["2"]],
    ["not the one that was returned to", ["1", "2", "1"], []],
    ["not one that runs for hours", ["1", ...Array<string>(14).fill("2")], []],
  ])("%s", (_, looks, young) => {
    let memory: ReleaseMemory = new Map();
    let found: readonly string[] = [];
    for (const [index, release] of looks.entries()) {
      const nowMs = index * 10 * MINUTE_MS;
      const components = [component("control-1", { release, startedAtMs: nowMs })];
      memory = noteReleases(memory, components, nowMs);
      found = [
        ...youngReleases(memory, components, { releaseYoungMs: 120 * MINUTE_MS }, nowMs).values(),
      ];
    }
    expect(found).toEqual(young);
  });
});
