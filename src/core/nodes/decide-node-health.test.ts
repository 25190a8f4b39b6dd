/** Nodes looked at again and again: who is admitted, put aside and lost, and within which limits. */
import { describe, expect, it } from "vitest";
import { MINUTE_MS } from "#base/units.ts";
import type { NodeObservation } from "./node.ts";
import { PretendNodes } from "./nodes-in-tests.ts";

const FIVE = ["a", "b", "c", "d", "e"];

describe("the gate", () => {
  it("admits a node after three good probes, and not before", () => {
    const world = new PretendNodes(FIVE);
    world.add("new", { bars: ["unproven"], sessions: 0 });
    expect(world.kinds(2)).toEqual([]);
    expect(world.kinds()).toEqual(["admit new"]);
    expect(world.kinds(20)).toEqual([]);
  });

  it("counts one probe once, however often it is looked at", () => {
    const world = new PretendNodes(FIVE);
    world.add("new", { bars: ["unproven"] });
    world.look();
    world.silent.add("new");
    expect(world.kinds(2)).toEqual([]);
    world.silent.delete("new");
    expect(world.kinds()).toEqual([]);
    expect(world.kinds()).toEqual(["admit new"]);
  });

  it("begins anew after a bad probe", () => {
    const world = new PretendNodes(FIVE);
    world.add("new", { bars: ["unproven"] });
    world.look(2);
    world.failing.set("new", ["dns"]);
    world.look();
    world.failing.delete("new");
    expect(world.kinds(2)).toEqual([]);
    expect(world.kinds()).toEqual(["admit new"]);
  });

  it("keeps a node out whose network is broken, names the cause, and needs no quarantine for it", () => {
    const world = new PretendNodes(FIVE);
    world.add("new", { bars: ["unproven"], sessions: 0 });
    world.failing.set("new", ["pod-network", "dns", "registry"]);
    expect(world.kinds(2 * 60)).toEqual([]);
    expect(world.found()).toEqual(["act node-pod-network new"]);
    expect(world.last.findings[0]?.evidence).toContain("120 times in a row");
    expect(world.kinds(6 * 60)).toEqual(["recycle new"]);
  });

  it("keeps out a node that says nothing at all", () => {
    const world = new PretendNodes(FIVE);
    world.silent.add("new");
    world.add("new", { bars: ["unproven"] });
    expect(world.kinds(12)).toEqual([]);
    expect(world.found()).toEqual(["act node-pod-network new"]);
  });

  it("never admits a node without a scratch disk, also when the gate is off", () => {
    for (const nodeGateProbes of [3, 0]) {
      const world = new PretendNodes(FIVE, { nodeGateProbes });
      world.add("new", { bars: ["unproven"], hasScratchDisk: false });
      expect(world.kinds(30)).toEqual([]);
      expect(world.found()).toEqual(["act node-no-scratch-disk new"]);
    }
  });

  it("switched off admits at once", () => {
    const world = new PretendNodes(FIVE, { nodeGateProbes: 0 });
    world.failing.set("new", ["pod-network"]);
    world.add("new", { bars: ["unproven"] });
    expect(world.kinds()).toEqual(["admit new"]);
  });

  it("asks again when the cluster does not show it", () => {
    const world = new PretendNodes(FIVE);
    world.isObeying = false;
    world.add("new", { bars: ["unproven"] });
    world.look(20);
    expect(world.done).toEqual(["15 s: admit new", "45 s: admit new", "75 s: admit new"]);
  });
});

describe("what a node says of itself", () => {
  it.each<[Partial<NodeObservation>, string[], string[]]>([
    [{ isReadOnly: true }, ["quarantine b"], ["act node-read-only b"]],
    [{ diskFreeRatio: 0.01 }, ["quarantine b"], ["act node-disk-full b"]],
    [{ diskFreeRatio: 0.09 }, [], ["note node-disk-full b"]],
    [{ memoryFreeRatio: 0.04 }, [], ["act node-out-of-memory b"]],
    [{}, [], []],
  ])("%j leads to %j and %j", (over, actions, findings) => {
    const world = new PretendNodes(FIVE);
    world.look();
    world.change("b", over);
    expect(world.kinds()).toEqual(actions);
    expect(world.found()).toEqual(findings);
  });

  it("replaces a node that cannot heal once it is empty, and not before", () => {
    const world = new PretendNodes(FIVE);
    world.change("b", { isReadOnly: true });
    expect(world.kinds(360)).toEqual(["quarantine b"]);
    world.change("b", { sessions: 0 });
    expect(world.kinds()).toEqual(["recycle b"]);
  });
});

describe("a node that is lost", () => {
  it("is replaced after two looks beyond the limit, without waiting for another quarantine", () => {
    const world = new PretendNodes(FIVE);
    world.failing.set("a", ["dns"]);
    world.look(2);
    world.dead.add("b");
    world.look(20);
    expect(world.done).toEqual(["10 s: quarantine a", "60 s: recycle b"]);
  });

  it("is named lost, and nothing else before", () => {
    const world = new PretendNodes(FIVE);
    world.look();
    world.dead.add("b");
    world.isObeying = false;
    const found = new Set<string>();
    for (let i = 0; i < 20; i += 1) {
      world.look();
      for (const finding of world.found()) found.add(finding);
    }
    expect([...found]).toEqual(["act node-lost b"]);
    expect(world.done).toEqual(["55 s: recycle b"]);
  });

  it("is not called so for as long as the cluster itself was silent", () => {
    const world = new PretendNodes(FIVE);
    world.look();
    world.dead.add("b");
    world.nowMs += 10 * MINUTE_MS;
    world.answeringSinceMs = world.nowMs;
    expect(world.kinds(8)).toEqual([]);
    expect(world.kinds(2)).toEqual(["recycle b"]);
  });

  it.each([
    [["a", "b", "c"], FIVE],
    [["a"], ["a"]],
    [
      ["a", "b"],
      ["a", "b"],
    ],
  ])("is not replaced when most are (%j of %j)", (dead, names) => {
    const world = new PretendNodes(names);
    world.look();
    for (const name of dead) world.dead.add(name);
    expect(world.kinds(60)).toEqual([]);
    expect(world.found()).toEqual(["page node-lost cluster"]);
  });

  it("is put aside where replacing is switched off", () => {
    const world = new PretendNodes(FIVE, { recyclesMax: 0 });
    world.look();
    world.dead.add("b");
    expect(world.kinds(60)).toEqual(["quarantine b"]);
  });
});

describe("limits", () => {
  it("put aside one node in ten minutes, and page for the next", () => {
    const world = new PretendNodes([...FIVE, "f", "g", "h", "i", "j"]);
    world.failing.set("a", ["dns"]);
    world.look(6);
    world.failing.set("b", ["dns"]);
    world.look(4);
    expect(world.found()).toEqual(["act node-dns a", "page node-dns b"]);
    expect(world.last.findings[1]?.evidence).toContain("the limit is 1 node in 10 min");
    world.look(10 * 12);
    expect(world.done).toEqual(["10 s: quarantine a", "615 s: quarantine b"]);
  });

  it("put aside a fifth of the nodes at most", () => {
    const world = new PretendNodes([...FIVE, "f", "g", "h", "i"]);
    world.failing.set("a", ["dns"]);
    world.failing.set("b", ["dns"]);
    world.look(30 * 12);
    expect(world.done.filter((line) => line.includes("quarantine"))).toEqual([
      "10 s: quarantine a",
    ]);
    expect(world.last.findings[1]?.evidence).toContain("1 of 9 nodes are put aside");
  });

  it.each([
    [1, []],
    [2, ["quarantine a"]],
    [4, ["quarantine a"]],
  ])("never put aside the last of %d nodes", (count, expected) => {
    const world = new PretendNodes(FIVE.slice(0, count));
    world.failing.set("a", ["dns"]);
    expect(world.kinds(60)).toEqual(expected);
    expect(world.found()).toEqual([count === 1 ? "page node-dns a" : "act node-dns a"]);
  });

  it("count only what the cluster shows: one that was not carried out holds nobody back", () => {
    const world = new PretendNodes(FIVE);
    world.isObeying = false;
    world.failing.set("a", ["dns"]);
    world.look(9);
    expect(world.done).toEqual(["10 s: quarantine a", "40 s: quarantine a"]);
  });
});

describe("a healthy cluster", () => {
  it.each([1, 2, 5])("of %d nodes is left alone for a day", (count) => {
    const world = new PretendNodes(FIVE.slice(0, count));
    for (let i = 0; i < 24 * 60; i += 1) {
      for (const name of world.nodes.keys()) world.outcome(name, `repo${i % 7}`, i % 11 !== 0);
      expect(world.kinds(12)).toEqual([]);
      expect(world.found().filter((finding) => !finding.startsWith("note"))).toEqual([]);
    }
  });
});
