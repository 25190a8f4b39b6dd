/** Which nodes are doubted, by what. */
import { describe, expect, it } from "vitest";
import type { NodeObservation, NodeProbe } from "../nodes/node.ts";
import { doubtedNodes } from "./doubted-nodes.ts";

type Part = Parameters<typeof doubtedNodes>[1][number];

const well = (node: string | null): Part => ({ node, isReady: true, answers: true });
const silent = (node: string | null): Part => ({ node, isReady: true, answers: false });
const unready = (node: string | null): Part => ({ node, isReady: false, answers: null });
const probed = (name: string, failures: NodeProbe["failures"]) => ({
  node: { name } as NodeObservation,
  probe: { node: name, atMs: 0, failures },
  health: "",
});
const DNS = [{ check: "dns", because: "it does not answer" }] as const;

describe("doubted", () => {
  it.each<[string, readonly Part[], readonly string[]]>([
    ["is nobody where all is well", [well("a"), well("a"), well("b")], []],
    ["is no machine for one silent part", [silent("a"), well("a"), silent("b")], []],
    ["is a machine with two silent parts", [silent("a"), unready("a"), well("b")], ["a"]],
    ["is nothing for parts without a machine", [unready(null), unready(null)], []],
  ])("%s", (_, components, expected) => {
    expect([...doubtedNodes(null, components)]).toEqual(expected);
  });

  it("is whose last probe was bad", () => {
    const nodes = [probed("a", []), probed("b", DNS), { ...probed("c", []), probe: null }];
    expect([...doubtedNodes({ nodes }, [])]).toEqual(["b"]);
  });
});
