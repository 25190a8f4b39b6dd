/** Tables for build slots. */
import { describe, expect, it } from "vitest";
import { type BuildNow, decideBuilds } from "./decide-builds.ts";

const build = (key: string, over: Partial<BuildNow> = {}): BuildNow => ({
  key,
  repoKey: key,
  state: "queued",
  sinceMs: 0,
  watchers: 1,
  unwatchedSinceMs: null,
  isBackground: false,
  isEnding: false,
  ...over,
});
const policy = {
  buildsMax: 2,
  backgroundBuildsMax: 1,
  buildGraceMs: 1_000,
  isBuildQueueFair: true,
};
const running = { state: "running" } as const;
const background = { isBackground: true, watchers: 0 };

describe("decideBuilds", () => {
  it("fills the free slots with the oldest wishes and gives the others a place", () => {
    const decision = decideBuilds(
      [build("c", { sinceMs: 3 }), build("a", { sinceMs: 1 }), build("r", running)],
      policy,
      10,
    );
    expect(decision.start).toEqual(["a"]);
    expect(decision.positions).toEqual(new Map([["c", 1]]));
  });

  it("cancels a build that nobody has watched for the grace period, not before", () => {
    const left = build("a", { ...running, watchers: 0, unwatchedSinceMs: 100 });
    expect(decideBuilds([left], policy, 1_099)).toMatchObject({ cancel: [], againAtMs: 1_100 });
    expect(decideBuilds([left], policy, 1_100).cancel).toEqual(["a"]);
  });

  it("does not start what it cancels", () => {
    const left = build("a", { watchers: 0, unwatchedSinceMs: 0 });
    expect(decideBuilds([left], policy, 5_000)).toMatchObject({ start: [], cancel: ["a"] });
  });

  it.each<
    [string, readonly BuildNow[], Partial<typeof policy>, readonly string[], readonly string[]]
  >([
    [
      "a repository with a running build stands behind those with none",
      [
        build("r", { ...running, repoKey: "v" }),
        build("v2", { repoKey: "v", sinceMs: 1 }),
        build("q", { sinceMs: 2 }),
      ],
      {},
      ["q"],
      ["v2"],
    ],
    [
      "one repository alone takes all slots",
      ["a", "b", "c"].map((key, sinceMs) => build(key, { repoKey: "v", sinceMs })),
      {},
      ["a", "b"],
      ["c"],
    ],
    [
      "of many builds of one repository the first goes with the first of another",
      [
        ...["a", "b", "c"].map((key, sinceMs) => build(key, { repoKey: "v", sinceMs })),
        build("q", { sinceMs: 9 }),
      ],
      {},
      ["a", "q"],
      ["b", "c"],
    ],
    [
      "by age alone when it is not fair",
      [
        ...["a", "b", "c"].map((key, sinceMs) => build(key, { repoKey: "v", sinceMs })),
        build("q", { sinceMs: 9 }),
      ],
      { isBuildQueueFair: false },
      ["a", "b"],
      ["c", "q"],
    ],
    [
      "what nobody waits for has a slot that is left",
      [build("a"), build("b", background)],
      {},
      ["a", "b"],
      [],
    ],
    [
      "what nobody waits for has no more than its share",
      [build("b", background), build("c", background)],
      {},
      ["b"],
      [],
    ],
    [
      "what nobody waits for waits for people",
      [build("b", { ...background, sinceMs: -9 }), build("a"), build("c")],
      {},
      ["a", "c"],
      [],
    ],
    [
      "somebody who waits for it makes it a person's",
      [build("b", { isBackground: true, sinceMs: -9 }), build("a"), build("c")],
      {},
      ["b", "a"],
      ["c"],
    ],
    [
      "a running one that is watched is not of the background",
      [build("r", { ...running, isBackground: true }), build("b", background)],
      {},
      ["b"],
      [],
    ],
    ["nothing starts without a slot", [build("a")], { buildsMax: 0 }, [], ["a"]],
  ])("%s", (_, builds, over, start, waiting) => {
    const decision = decideBuilds(builds, { ...policy, ...over }, 10);
    expect(decision.start).toEqual(start);
    expect([...decision.positions.keys()]).toEqual(waiting);
    expect(decision.cancel).toEqual([]);
  });

  it.each<[string, readonly BuildNow[], readonly string[]]>([
    [
      "gives the youngest slots to people",
      [
        build("b1", { ...background, ...running, sinceMs: 1 }),
        build("b2", { ...background, ...running, sinceMs: 2 }),
        build("p"),
      ],
      ["b2"],
    ],
    [
      "gives no more than are wanted",
      [build("b1", { ...background, ...running }), build("p1", running), build("p2"), build("p3")],
      ["b1"],
    ],
    [
      "asks nobody twice",
      [
        build("b1", { ...background, ...running, isEnding: true }),
        build("b2", { ...background, ...running }),
        build("p"),
      ],
      [],
    ],
    [
      "gives nothing while a slot is free",
      [build("b1", { ...background, ...running }), build("p")],
      [],
    ],
    [
      "gives nothing to others of its kind",
      [
        build("b1", { ...background, ...running }),
        build("b2", { ...background, ...running }),
        build("b3", background),
      ],
      [],
    ],
    [
      "keeps what people watch",
      [build("b1", { ...running, isBackground: true }), build("p1", running), build("p")],
      [],
    ],
  ])("what nobody waits for %s", (_, builds, expected) => {
    expect(decideBuilds(builds, policy, 10).yield).toEqual(expected);
  });

  it("never ends what is wanted for later", () => {
    const left = build("a", { ...background, ...running, unwatchedSinceMs: 0 });
    expect(decideBuilds([left], policy, 5_000)).toMatchObject({ cancel: [], againAtMs: null });
  });
});
