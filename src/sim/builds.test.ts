/** Builds: slots that go round, watchers that cost nothing, and what is built for later. */
import { describe, expect, it } from "vitest";
import { MINUTE_MS, SECOND_MS } from "#base/units.ts";
import { RepoKeys } from "#control/repo-keys.ts";
import { Builds } from "#control/builds.ts";
import type { BuildLine } from "#control/launch-log.ts";
import type { BuildOutcome } from "#core/build/build.ts";
import type { Plan } from "#core/environment/plan.ts";
import { failure } from "#core/errors.ts";
import { DEFAULT_POLICY, type Policy } from "#core/policy.ts";
import { PretendWorld } from "./pretend-world.ts";
import { VirtualClock } from "./world/virtual-clock.ts";

const silent = () => undefined;
const log = { debug: silent, info: silent, warn: silent, error: silent };

const PLAN = {
  binderDirectory: "",
  steps: [],
  files: [],
  server: { kind: "generic", because: "" },
  start: null,
  runsRepositoryCode: false,
  coldStartBecause: null,
  keyInputs: [],
};

function wanted(key: string, repo = key) {
  const url = `https://host.example/${repo}`;
  return {
    plan: { ...PLAN, key } as unknown as Plan,
    repo: { provider: "git", spec: repo, url, ref: null, commit: "c".repeat(40) } as const,
  };
}

class Workshop {
  readonly clock = new VirtualClock(1_000_000);
  readonly world = new PretendWorld(this.clock);
  readonly ended: string[] = [];
  readonly lines = new Map<string, { lines: readonly BuildLine[]; added: number }>();
  readonly builds: Builds;

  constructor(over: Partial<Policy> = {}, ends: Readonly<Record<string, BuildOutcome>> = {}) {
    const { builder, machine, historyPort } = this.world;
    this.builds = new Builds({
      repoKeys: new RepoKeys(),
      builder: {
        ...builder,
        build: async (request, options) => {
          const outcome = await builder.build(request, options);
          return ends[request.plan.key] ?? outcome;
        },
      },
      machine,
      history: historyPort,
      clock: this.clock,
      log,
      policy: { ...DEFAULT_POLICY, ...over },
    });
  }

  join(who: string, key: string, repo = key): () => void {
    return this.builds.join(wanted(key, repo), who, {
      attach: (lines) => void this.lines.set(who, { lines, added: 0 }),
      lineAdded: () => {
        const seen = this.lines.get(who);
        if (seen !== undefined) seen.added += 1;
      },
      ended: (outcome) => void this.ended.push(`${who} ${outcome.kind}`),
    });
  }

  state(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.builds.view().map(({ key, state }) => [key, state]));
  }
}

describe("slots", () => {
  it("do not all go to one repository while others wait", async () => {
    const shop = new Workshop({ buildsMax: 2 });
    for (const n of [1, 2, 3, 4]) shop.join(`v${n}`, `v${n}`, "viral");
    for (const n of [1, 2]) shop.join(`q${n}`, `q${n}`);
    await shop.clock.run(SECOND_MS);
    expect(shop.state()).toMatchObject({ v1: "running", v2: "running", q1: "queued" });
    await shop.clock.run(2 * SECOND_MS);
    expect(shop.state()).toMatchObject({ q1: "running", q2: "running", v3: "queued" });
  });

  it("are always in use while a build waits, also when builds fail", async () => {
    const failed: BuildOutcome = { kind: "failed", failure: failure("install-failed") };
    const shop = new Workshop({ buildsMax: 3 }, { b1: failed, b4: failed });
    for (let n = 0; n < 9; n += 1) shop.join(`w${n}`, `b${n}`);
    for (let step = 0; step < 80; step += 1) {
      await shop.clock.run(100);
      const states = Object.values(shop.state());
      const running = states.filter((state) => state === "running").length;
      expect(running).toBe(Math.min(3, states.length));
    }
    expect(shop.ended).toHaveLength(9);
  });
});

describe("watchers", () => {
  it("hold no slot, and beyond their number are told the end only", async () => {
    const shop = new Workshop({ buildWatchersMax: 2 });
    for (const who of ["a", "b", "late"]) shop.join(who, "one");
    await shop.clock.run(MINUTE_MS);
    expect(shop.world.buildsStarted).toBe(1);
    expect(shop.lines.get("a")?.lines).toHaveLength(2);
    expect(shop.lines.get("a")?.added).toBe(2);
    expect(shop.lines.get("late")?.added).toBe(0);
    expect(shop.lines.get("late")?.lines.map(({ message }) => message)).toEqual([
      expect.stringContaining("Many people wait"),
    ]);
    expect(shop.ended.sort()).toEqual(["a built", "b built", "late built"]);
  });
});

describe("what is built for later", () => {
  it("gives way to people, has its share of the slots, and is not given up", async () => {
    const shop = new Workshop({ buildsMax: 2, backgroundBuildsMax: 1 });
    for (const key of ["l1", "l2"]) shop.builds.buildLater(wanted(key));
    await shop.clock.run(SECOND_MS);
    expect(shop.state()).toEqual({ l1: "running", l2: "queued" });
    for (const key of ["p1", "p2", "p3"]) shop.join(key, key);
    await shop.clock.run(1.5 * SECOND_MS);
    expect(shop.state()).toMatchObject({
      p1: "running",
      p2: "running",
      p3: "queued",
      l1: "queued",
    });
    expect(shop.builds.size).toBe(3);
    await shop.clock.run(5 * MINUTE_MS);
    expect([...shop.world.environments.keys()].sort()).toEqual(["l1", "l2", "p1", "p2", "p3"]);
    expect(shop.builds.size).toBe(0);
    expect(shop.world.history.filter((entry) => entry.kind === "build")).toHaveLength(5);
  });

  it("becomes a person's when one joins, and goes on when he leaves", async () => {
    const shop = new Workshop({ buildsMax: 1, buildGraceMs: 100 });
    shop.join("p", "p");
    shop.builds.buildLater(wanted("l"));
    const leave = shop.join("q", "l");
    expect(shop.builds.view().some(({ isBackground }) => isBackground === true)).toBe(false);
    leave();
    await shop.clock.run(MINUTE_MS);
    expect(shop.world.environments.has("l")).toBe(true);
  });

  it("has a limit, and what failed is left alone for a while", async () => {
    const failed: BuildOutcome = { kind: "failed", failure: failure("install-failed") };
    const shop = new Workshop({ backgroundBuildsQueuedMax: 2 }, { l0: failed });
    for (const n of [0, 1, 2, 3]) shop.builds.buildLater(wanted(`l${n}`));
    expect(shop.builds.view()).toHaveLength(2);
    await shop.clock.run(MINUTE_MS);
    shop.builds.buildLater(wanted("l0"));
    expect(shop.builds.view()).toHaveLength(0);
    await shop.clock.run(10 * MINUTE_MS);
    shop.builds.buildLater(wanted("l0"));
    expect(shop.builds.view()).toHaveLength(1);
  });
});

describe("failures", () => {
  it("by the fault of a host are counted by repository", async () => {
    const gone: BuildOutcome = {
      kind: "failed",
      failure: failure("upstream-unavailable", undefined, { host: "apt.example" }),
    };
    const shop = new Workshop({}, { a: gone, b: gone });
    for (const key of ["a", "b", "c"]) shop.join(key, key);
    await shop.clock.run(MINUTE_MS);
    expect(shop.builds.failuresByHost()).toEqual({ "apt.example": 2 });
    await shop.clock.run(10 * MINUTE_MS);
    expect(shop.builds.failuresByHost()).toEqual({});
  });
});
