/** Parts of Bindery that stand on machines that were put aside. */
import { describe, expect, it } from "vitest";
import type { NodeBar } from "../nodes/node.ts";
import { detectMisplaced, type MisplacedMemory } from "./detect-misplaced.ts";
import { component, node } from "./observed-in-tests.ts";

interface Case {
  readonly bars?: readonly NodeBar[];
  /** Of the only other node. */
  readonly otherBars?: readonly NodeBar[];
  readonly role?: "control" | "edge";
  readonly at?: string | null;
  readonly seconds?: number;
  readonly afterMs?: number;
  /** Replicas of the edge on the other node, and how many there must be. */
  readonly edges?: number;
  readonly edgesMin?: number;
}

describe("misplaced parts", () => {
  it.each<[string, Case, number]>([
    ["it stands where nothing new is placed", {}, 1],
    ["for a moment only", { seconds: 10 }, 0],
    ["it stands elsewhere", { at: "node-2" }, 0],
    ["it stands nowhere", { at: null }, 0],
    ["the machine is well", { bars: [] }, 0],
    ["somebody empties the machine", { bars: ["cordoned"] }, 0],
    ["there is nowhere to go", { otherBars: ["unproven"] }, 0],
    ["it is the last replica of the edge", { role: "edge" }, 0],
    ["another replica of the edge serves", { role: "edge", edges: 1 }, 1],
    [
      "fewer replicas of the edge serve than there must be",
      { role: "edge", edges: 1, edgesMin: 2 },
      0,
    ],
    ["parts stay where they are", { afterMs: Number.POSITIVE_INFINITY }, 0],
  ])("%s", (_, { afterMs = 20_000, at = "node-1", role = "control", ...given }, count) => {
    const { bars = ["quarantined"], edges = 0, edgesMin = 0, otherBars = [], seconds = 30 } = given;
    const others = Array.from({ length: edges }, (_edge, n) =>
      component(`edge-${n}`, { node: "node-2", role: "edge", answers: true }),
    );
    const components = [component("control-1", { node: at, role }), ...others];
    const nodes = [node("node-1", { bars }), node("node-2", { bars: otherBars })];
    let memory: MisplacedMemory = new Map();
    let found: readonly { readonly cause: string; readonly subject: object }[] = [];
    for (let second = 0; second <= seconds; second += 5) {
      const policy = { misplacedAfterMs: afterMs, edgeReplicasMin: edgesMin };
      const result = detectMisplaced(memory, { components, nodes }, policy, second * 1_000);
      memory = result.memory;
      found = result.findings;
    }
    expect(found).toHaveLength(count);
    for (const { cause, subject } of found) {
      expect(cause).toBe("component-misplaced");
      expect(subject).toEqual({ kind: "component", name: "control-1" });
    }
  });
});
