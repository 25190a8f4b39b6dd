/** Tables for build slots. */
import { describe, expect, it } from "vitest";
import { type BuildNow, decideBuilds } from "./decide-builds.ts";

const build = (key: string, over: Partial<BuildNow> = {}): BuildNow => ({
  key,
  state: "queued",
  sinceMs: 0,
  watchers: 1,
  unwatchedSinceMs: null,
  ...over,
});
const policy = { buildsMax: 2, buildGraceMs: 1_000 };

describe("decideBuilds", () => {
  it("fills the free slots with the oldest wishes and gives the others a place", () => {
    const decision = decideBuilds(
      [build("c", { sinceMs: 3 }), build("a", { sinceMs: 1 }), build("r", { state: "running" })],
      policy,
      10,
    );
    expect(decision.start).toEqual(["a"]);
    expect(decision.positions).toEqual(new Map([["c", 1]]));
  });

  it("cancels a build that nobody has watched for the grace period, not before", () => {
    const left = build("a", { state: "running", watchers: 0, unwatchedSinceMs: 100 });
    expect(decideBuilds([left], policy, 1_099)).toMatchObject({ cancel: [], againAtMs: 1_100 });
    expect(decideBuilds([left], policy, 1_100).cancel).toEqual(["a"]);
  });

  it("does not start what it cancels", () => {
    const left = build("a", { watchers: 0, unwatchedSinceMs: 0 });
    expect(decideBuilds([left], policy, 5_000)).toMatchObject({ start: [], cancel: ["a"] });
  });
});
