/** What probes from inside nodes say of one node, and of what all of them share. */
import { describe, expect, it } from "vitest";
import type { NodeCheck } from "./node.ts";
import { PretendNodes } from "./nodes-in-tests.ts";

const FIVE = ["a", "b", "c", "d", "e"];
const PROBES_OFF = { nodeProbeFailuresMax: Number.POSITIVE_INFINITY };

describe("probes", () => {
  it.each<[NodeCheck[], string]>([
    [["pod-network", "dns"], "node-pod-network"],
    [["dns", "registry"], "node-dns"],
    [["registry"], "node-registry"],
    [["disk"], "node-disk-full"],
    [["logs"], "node-no-address"],
  ])("that fail for %j twice in a row put the node aside for %s", (checks, cause) => {
    const world = new PretendNodes(FIVE);
    world.failing.set("b", checks);
    expect(world.look()).toEqual([]);
    expect(world.look()).toMatchObject([{ kind: "quarantine", node: "b", cause }]);
    world.look();
    expect(world.found()).toEqual([`act ${cause} b`]);
    expect(world.last.findings[0]?.evidence).toMatch(/\d/);
  });

  it("that fail once in two blame nobody", () => {
    const world = new PretendNodes(FIVE);
    for (let i = 0; i < 20; i += 1) {
      world.failing.set("b", i % 2 === 0 ? ["dns"] : []);
      expect(world.kinds()).toEqual([]);
    }
  });

  it("that fall silent put the node aside", () => {
    const world = new PretendNodes(FIVE);
    world.look();
    world.silent.add("b");
    expect(world.kinds(4)).toEqual([]);
    expect(world.kinds()).toEqual(["quarantine b"]);
  });

  it.each([
    [["a", "b", "c"], FIVE],
    [
      ["a", "b"],
      ["a", "b"],
    ],
    [
      ["a", "b"],
      ["a", "b", "c"],
    ],
  ])("that fail on most nodes (%j of %j) blame what they ask, and no node", (bad, names) => {
    const world = new PretendNodes(names);
    for (const name of bad) world.failing.set(name, ["registry"]);
    expect(world.kinds(60)).toEqual([]);
    expect(world.found()).toEqual(["page node-registry cluster"]);
    expect(world.last.findings[0]?.evidence).toContain(`${bad.length} of ${names.length} nodes`);
  });

  it("of logs that fail everywhere blame the one node without an address", () => {
    const world = new PretendNodes([...FIVE, "f"]);
    for (const name of world.nodes.keys()) world.failing.set(name, ["logs"]);
    world.change("d", { addresses: [], sessions: 1 });
    expect(world.kinds(2)).toEqual(["quarantine d"]);
    expect(world.found()).toEqual(["act node-no-address d"]);
    expect(world.kinds(60)).toEqual([]);
    world.change("d", { sessions: 0 });
    expect(world.kinds()).toEqual(["recycle d"]);
  });

  it("switched off blame nobody, and silence neither", () => {
    const world = new PretendNodes(FIVE, PROBES_OFF);
    world.look();
    world.failing.set("a", ["pod-network"]);
    world.silent.add("b");
    expect(world.kinds(60)).toEqual([]);
    expect(world.found()).toEqual([]);
  });
});
