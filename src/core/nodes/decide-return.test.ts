/** The way back of nodes that were put aside, and the way out of old ones. */
import { describe, expect, it } from "vitest";
import { HOUR_MS } from "#base/units.ts";
import type { Policy } from "../policy.ts";
import { PretendNodes } from "./nodes-in-tests.ts";

const FIVE = ["a", "b", "c", "d", "e"];

describe("a node that was put aside", () => {
  it("is taken back after twelve good probes, twice, and replaced when empty the third time", () => {
    const world = new PretendNodes(FIVE);
    const fall = () => {
      world.failing.set("a", ["dns"]);
      world.look(2);
      world.failing.delete("a");
      return world.kinds(13 * 12);
    };
    expect(fall()).toEqual(["release a"]);
    expect(fall()).toEqual(["release a"]);
    expect(fall()).toEqual([]);
    world.change("a", { sessions: 0 });
    expect(world.kinds()).toEqual(["recycle a"]);
    expect(world.done[1]).toBe("70 s: release a");
  });

  it("is replaced when it does not recover within half an hour and is empty", () => {
    const world = new PretendNodes(FIVE);
    world.failing.set("a", ["dns"]);
    world.change("a", { sessions: 0 });
    world.look(400);
    expect(world.done).toEqual(["10 s: quarantine a", "1815 s: recycle a"]);
  });

  it("by a person is neither taken back nor replaced", () => {
    const world = new PretendNodes(FIVE);
    world.look();
    world.held.add("a");
    world.change("a", { bars: ["quarantined"], sessions: 0 });
    expect(world.kinds(800)).toEqual([]);
  });

  it("is not taken back while its memory is used up", () => {
    const world = new PretendNodes(FIVE);
    world.change("a", { bars: ["quarantined"], memoryFreeRatio: 0.01 });
    expect(world.kinds(60)).toEqual([]);
    world.change("a", { memoryFreeRatio: 0.5 });
    expect(world.kinds()).toEqual(["release a"]);
  });

  it("before this control plane was started is judged by its probes", () => {
    const world = new PretendNodes(FIVE);
    world.change("a", { bars: ["quarantined"] });
    expect(world.kinds(13)).toEqual(["release a"]);
  });
});

describe("an old node", () => {
  const old = { nodeAgeMaxMs: HOUR_MS };
  const aged = (over: Partial<Policy> = {}) => {
    const world = new PretendNodes(["a", "b"], { ...old, ...over });
    world.nowMs += 2 * HOUR_MS;
    world.add("c");
    world.add("d");
    return world;
  };

  it("is emptied when the others have room, one at a time, and replaced when it is empty", () => {
    const world = aged();
    expect(world.kinds(60)).toEqual(["drain a"]);
    expect(world.state.nodes.get("b")?.health).toMatch(/^old: 2 h/);
    world.change("a", { sessions: 0 });
    expect(world.kinds(2)).toEqual(["recycle a", "drain b"]);
  });

  it("stays while the others have no room", () => {
    const world = aged();
    for (const name of ["b", "c", "d"]) world.change(name, { sessions: 38 });
    world.change("b", { bars: ["cordoned"] });
    expect(world.kinds(60)).toEqual([]);
  });

  it("stays where replacing is switched off", () => {
    expect(aged({ recyclesMax: 0 }).kinds(60)).toEqual([]);
  });
});
