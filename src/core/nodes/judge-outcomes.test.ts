/** What launches say of nodes: whose fault it is when sessions do not start. */
import { describe, expect, it } from "vitest";
import { MINUTE_MS } from "#base/units.ts";
import { PretendNodes } from "./nodes-in-tests.ts";

const FIVE = ["a", "b", "c", "d", "e"];
/** `b`: it failed on b; `+b`: it got ready there. */
type Told = readonly (readonly [string, string])[];

function tell(world: PretendNodes, told: Told): void {
  for (const [node, repo] of told) world.outcome(node.replace("+", ""), repo, node.startsWith("+"));
}

describe("outcomes of launches", () => {
  it.each<[string, Told, string[], string[]]>([
    [
      "of three repositories on one node",
      [
        ["b", "x"],
        ["b", "y"],
        ["b", "z"],
      ],
      ["quarantine b"],
      ["act node-launch-failures b"],
    ],
    [
      "of two repositories",
      [
        ["b", "x"],
        ["b", "y"],
      ],
      [],
      [],
    ],
    [
      "of one repository, however often",
      [
        ["b", "x"],
        ["b", "x"],
        ["b", "x"],
        ["b", "x"],
      ],
      [],
      [],
    ],
    [
      "with a success between",
      [
        ["b", "x"],
        ["b", "y"],
        ["+b", "q"],
        ["b", "z"],
      ],
      [],
      [],
    ],
    [
      "of a repository that fails on several nodes",
      [
        ["a", "x"],
        ["b", "x"],
        ["c", "x"],
      ],
      [],
      ["note repository-broken x"],
    ],
    [
      "of a repository that fails on several nodes, beside two others",
      [
        ["a", "x"],
        ["b", "x"],
        ["b", "y"],
        ["b", "z"],
      ],
      [],
      ["note repository-broken x"],
    ],
    [
      "that got ready elsewhere afterwards",
      [
        ["b", "x"],
        ["a", "x"],
        ["+c", "x"],
        ["b", "y"],
        ["b", "z"],
      ],
      ["quarantine b"],
      ["act node-launch-failures b"],
    ],
    [
      "on most nodes",
      FIVE.slice(0, 3).flatMap((node) =>
        ["x", "y", "z"].map((repo) => [node, node + repo] as const),
      ),
      [],
      ["act node-launch-failures cluster"],
    ],
  ])("%s", (_, told, actions, findings) => {
    const world = new PretendNodes(FIVE);
    world.look();
    world.nowMs += 1;
    for (const one of told) {
      world.nowMs += 1;
      tell(world, [one]);
    }
    expect(world.kinds()).toEqual(actions);
    expect(world.found()).toEqual(findings);
  });

  it("are forgotten after the window", () => {
    const world = new PretendNodes(FIVE);
    tell(world, [
      ["b", "x"],
      ["b", "y"],
    ]);
    world.look();
    world.nowMs += 11 * MINUTE_MS;
    tell(world, [["b", "z"]]);
    expect(world.kinds()).toEqual([]);
    expect(world.state.outcomes.failures).toHaveLength(1);
  });

  it("do not count against a node again after it was taken back", () => {
    const world = new PretendNodes(FIVE);
    tell(world, [
      ["b", "x"],
      ["b", "y"],
      ["b", "z"],
    ]);
    expect(world.kinds(200)).toEqual(["quarantine b", "release b"]);
  });

  it("count sessions that hang at their start like failures", () => {
    const world = new PretendNodes(FIVE);
    world.stuck.set("b", { count: 3, oldestMs: 70_000, repoKeys: ["x", "y", "z"] });
    expect(world.look()).toMatchObject([{ kind: "quarantine", cause: "node-launch-failures" }]);
    expect(world.last.actions[0]?.because).toContain(
      "3 repositories failed on node b in 1 min 10 s",
    );
  });

  it("switched off say nothing", () => {
    const off = { nodeOutcomeFailuresMax: Number.POSITIVE_INFINITY };
    const world = new PretendNodes(FIVE, off);
    world.change("b", { sessions: 0 });
    tell(world, [
      ["b", "x"],
      ["b", "y"],
      ["b", "z"],
      ["+a", "q"],
    ]);
    expect(world.kinds()).toEqual([]);
    expect(world.found()).toEqual([]);
  });

  it("never blame the only node: there is nothing to compare it with", () => {
    const world = new PretendNodes(["local"]);
    tell(world, [
      ["local", "x"],
      ["local", "y"],
      ["local", "z"],
    ]);
    expect(world.kinds(60)).toEqual([]);
    expect(world.found()).toEqual([]);
  });
});

describe("the emptiest node with the most failures", () => {
  const failures: Told = [
    ["b", "x"],
    ["b", "y"],
  ];

  it.each<[string, Partial<Record<string, number>>, Told, string[]]>([
    ["is put aside while others get ready", { b: 0 }, [...failures, ["+a", "q"]], ["quarantine b"]],
    ["is left alone when nothing else got ready", { b: 0 }, failures, []],
    ["is left alone when it is not the emptiest", { a: 0 }, [...failures, ["+a", "q"]], []],
    [
      "is left alone after one repository",
      { b: 0 },
      [
        ["b", "x"],
        ["+a", "q"],
      ],
      [],
    ],
    [
      "is left alone when another fails as much",
      { b: 0 },
      [...failures, ["c", "v"], ["c", "w"], ["+a", "q"]],
      [],
    ],
  ])("%s", (_, sessions, told, actions) => {
    const world = new PretendNodes(FIVE);
    for (const [name, count] of Object.entries(sessions)) {
      if (count !== undefined) world.change(name, { sessions: count });
    }
    tell(world, told);
    expect(world.kinds()).toEqual(actions);
    expect(world.found()).toEqual(actions.map(() => "act node-paradox b"));
  });
});
