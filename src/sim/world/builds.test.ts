/** Pretend builds: they take their time, say so, and end with the control plane that asked for them. */
import { beforeEach, describe, expect, it } from "vitest";
import { Prng } from "#base/prng.ts";
import { GIB, MINUTE_MS, SECOND_MS } from "#base/units.ts";
import type { BuildOutcome } from "#core/build/build.ts";
import type { Plan } from "#core/environment/plan.ts";
import { readWorld } from "../drill/read-world.ts";
import { Reader } from "../drill/reader.ts";
import { PretendBuilds } from "./builds.ts";
import { Recorder } from "./recorder.ts";
import { repoUrl } from "./repos.ts";
import { VirtualClock } from "./virtual-clock.ts";

const world = readWorld(
  {
    builds: { length: "5m" },
    repos: { long: { build: "1h" }, fresh: { built: false } },
  },
  new Reader(() => undefined),
);

describe("pretend builds", () => {
  let clock: VirtualClock;
  let builds: PretendBuilds;
  let lines: string[];
  let ended: BuildOutcome[];

  beforeEach(() => {
    clock = new VirtualClock();
    const context = { clock, prng: new Prng("test"), recorder: new Recorder() };
    builds = new PretendBuilds(context, world, {
      buildTimeoutMs: 30 * MINUTE_MS,
      buildMemoryBytes: GIB,
    });
    lines = [];
    ended = [];
  });

  const planOf = (key: string) => ({ key, steps: [{}] }) as unknown as Plan;

  function build(name: string): AbortController {
    const kill = new AbortController();
    const repo = {
      provider: "gh",
      spec: name,
      url: repoUrl(name),
      ref: null,
      commit: "c",
    } as const;
    const onEvent = ({ line }: { readonly line: string }) => void lines.push(line);
    const options = { signal: kill.signal, onEvent };
    void builds.builder
      .build({ plan: planOf(name), repo }, options)
      .then((outcome) => void ended.push(outcome));
    return kill;
  }

  it("take as long as the world says, and say something meanwhile", async () => {
    const made: string[] = [];
    builds.made = (key) => void made.push(key);
    build("a");
    await clock.run(5 * MINUTE_MS - 1);
    expect([ended, lines.length]).toEqual([[], 30]);
    await clock.run(1);
    expect(ended).toMatchObject([{ kind: "built" }]);
    expect(made).toEqual(["a"]);
    expect(await builds.builder.inspect("a")).not.toBeNull();
  });

  it.each<[string, string, (kill: AbortController) => Promise<void>, string]>([
    ["that nobody wants any more", "a", async (kill) => kill.abort(), "build-interrupted"],
    ["of a control plane that is gone", "a", () => builds.builder.cleanUp(), "build-interrupted"],
    ["that take too long", "long", () => clock.run(30 * MINUTE_MS), "build-too-long"],
  ])("%s are ended", async (_title, name, end, code) => {
    const kill = build(name);
    await clock.run(SECOND_MS);
    await end(kill);
    await clock.run(1);
    expect(ended).toMatchObject([{ kind: "failed", failure: { code } }]);
    expect(builds.running.size).toBe(0);
    const before = lines.length;
    await clock.run(MINUTE_MS);
    expect(lines).toHaveLength(before);
  });

  it("of an earlier generation serve until they are made anew", async () => {
    builds.keep("old", repoUrl("a"));
    builds.bump();
    expect(await builds.builder.inspect("old")).toBeNull();
    expect(await builds.builder.stale(planOf("new"), repoUrl("a"))).toMatchObject({ key: "old" });
    expect(await builds.builder.stale(planOf("new"), repoUrl("b"))).toBeNull();
  });

  it.each([
    ["fresh-7", false],
    ["fresh", false],
    ["fresher-7", true],
  ])("%s was built before: %s", (name, isBuilt) => {
    expect(builds.specOf(name).isBuilt).toBe(isBuilt);
  });
});
