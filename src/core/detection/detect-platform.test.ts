/** Quotas that lie, hosts that fail, and builds that wait for nothing. */
import { describe, expect, it } from "vitest";
import { SECOND_MS } from "#base/units.ts";
import { findingKey } from "../incident/finding.ts";
import { canaryEnded, canaryHeard, NO_CANARIES } from "./canaries.ts";
import { detectIdleBuilds, type IdleBuildsMemory } from "./detect-idle-builds.ts";
import { detectQuotas, type QuotaMemory } from "./detect-quotas.ts";
import { detectUpstreams, NO_UPSTREAMS, type UpstreamMemory } from "./detect-upstreams.ts";

describe("quotas", () => {
  const policy = { quotaDriftMax: 0.1, quotaRefusalsMin: 3 };
  it.each([
    ["right and quiet", { used: 40, listed: 40, hard: 100 }, [0, 0], false],
    ["right and full", { used: 100, listed: 100, hard: 100 }, [9, 9], false],
    ["wrong but nobody is refused", { used: 100, listed: 40, hard: 100 }, [0, 0], false],
    ["a little off", { used: 50, listed: 41, hard: 100 }, [5, 5], false],
    ["wrong, two refused", { used: 100, listed: 40, hard: 100 }, [1, 1], false],
    ["wrong, three refused", { used: 100, listed: 40, hard: 100 }, [1, 1, 1], true],
    [
      "wrong, three refused over minutes",
      { used: 100, listed: 40, hard: 100 },
      [1, ...Array(12).fill(0), 1, ...Array(12).fill(0), 1],
      false,
    ],
    [
      "wrong and found, though it is asked no more",
      { used: 100, listed: 40, hard: 100 },
      [3, ...Array(30).fill(0)],
      true,
    ],
  ])("%s", (_, counts, refusals, isFound) => {
    let memory: QuotaMemory = new Map();
    let count = 0;
    for (const [index, refused] of refusals.entries()) {
      const quotas = [{ name: "pods", ...counts, refusals: refused }];
      const result = detectQuotas(memory, quotas, policy, index * 5 * SECOND_MS);
      memory = result.memory;
      count = result.findings.length;
    }
    expect(count).toBe(isFound ? 1 : 0);
  });
});

describe("hosts", () => {
  const red = (because: string) =>
    canaryEnded(
      NO_CANARIES,
      { kind: "build", isGreen: false, durationMs: 1, node: null, because },
      0,
    );
  it.each([
    ["all is well", {}, NO_CANARIES, []],
    ["two repositories", { "deb.example.org": 2 }, NO_CANARIES, []],
    [
      "three repositories",
      { "deb.example.org": 3 },
      NO_CANARIES,
      ["upstream-unavailable:host:deb.example.org"],
    ],
    [
      "the build canary",
      {},
      red("upstream: deb.example.org answered 404"),
      ["upstream-unavailable:host:deb.example.org"],
    ],
    ["the build canary without a host", {}, red("build-out-of-memory"), []],
    [
      "both",
      { "deb.example.org": 4 },
      red("deb.example.org"),
      ["upstream-unavailable:host:deb.example.org"],
    ],
  ])("%s", (_, failuresByHost, canaries, keys) => {
    const given = { failuresByHost, canaries, fallbacks: new Set<string>() };
    const { findings } = detectUpstreams(NO_UPSTREAMS, given, { upstreamReposMin: 3 }, 0);
    expect(findings.map(findingKey)).toEqual(keys);
  });

  it.each([
    ["what failed before is forgotten", [3, 3, 3, 2, 0], [0, 0, 0, 0, 0]],
    ["so is what had begun", [3, 5, 5, 5, 5], [0, 0, 0, 0, 0]],
    ["what fails since is not", [3, 3, 3, 4, 4], [0, 0, 0, 1, 1]],
    ["nor when the old ones count no more", [3, 3, 3, 0, 3], [0, 0, 0, 0, 1]],
  ])("when builds go around one: %s", (_, repos, found) => {
    let memory: UpstreamMemory = NO_UPSTREAMS;
    const counts = repos.map((count, index) => {
      const failuresByHost = { "deb.example.org": count };
      const given = {
        failuresByHost,
        canaries: NO_CANARIES,
        fallbacks: new Set(["deb.example.org"]),
      };
      const nowMs = index * 30 * SECOND_MS;
      const result = detectUpstreams(memory, given, { upstreamReposMin: 3 }, nowMs);
      memory = result.memory;
      return result.findings.length;
    });
    expect(counts).toEqual(found);
  });
});

describe("a canary that builds", () => {
  const host = "deb.example.org";
  const because = `install-failed: ${host} answered 404`;
  const look = { kind: "build", isGreen: false, durationMs: 1, node: null, because } as const;
  it.each([
    ["failed before builds went around the host", [1, 1, 1, 1, 1], [0, 0, 0, 0, 0]],
    ["had begun before", [1, 2, 2, 2, 2], [0, 0, 0, 0, 0]],
    ["fails since", [1, 1, 1, 2, 2], [0, 0, 0, 1, 1]],
    ["was green in between", [1, 0, 0, 1, 1], [0, 0, 0, 1, 1]],
  ])("%s", (_, reds, found) => {
    let memory: UpstreamMemory = NO_UPSTREAMS;
    const counts = reds.map((count, index) => {
      let canaries = NO_CANARIES;
      for (let n = 0; n < count; n += 1) canaries = canaryEnded(canaries, look, 0);
      const given = { failuresByHost: {}, canaries, fallbacks: new Set([host]) };
      const nowMs = index * 30 * SECOND_MS;
      const result = detectUpstreams(memory, given, { upstreamReposMin: 3 }, nowMs);
      memory = result.memory;
      return result.findings.length;
    });
    expect(counts).toEqual(found);
  });
});

describe("a build of our own", () => {
  const host = "deb.example.org";
  const because = `install-failed: ${host} answered 404`;
  const look = { kind: "build", isGreen: false, durationMs: 1, node: null, because } as const;
  const red = canaryEnded(NO_CANARIES, look, 0);
  it.each([
    ["is asked for at the first failure", [0, 1], NO_CANARIES, [], [false, true]],
    ["once", [1, 1, 1], NO_CANARIES, [], [true, false, false]],
    ["again when another repository fails", [1, 2], NO_CANARIES, [], [true, true]],
    [
      "not while one is under way",
      [0, 1],
      canaryHeard(NO_CANARIES, "build", 0),
      [],
      [false, false],
    ],
    ["not when the host is found", [1, 3], NO_CANARIES, [], [true, false]],
    ["not when builds go around the host", [1, 1], NO_CANARIES, [host], [false, false]],
    ["once when it failed before they did", [0, 0], red, [host], [true, false]],
    ["not because it failed", [0, 0], red, [], [false, false]],
  ])("%s", (_, repos, canaries, fallbacks, expected) => {
    let memory: UpstreamMemory = NO_UPSTREAMS;
    const suspicions = repos.map((count, index) => {
      const given = {
        failuresByHost: count === 0 ? {} : { [host]: count },
        ...{ canaries, fallbacks: new Set<string>(fallbacks) },
      };
      const result = detectUpstreams(memory, given, { upstreamReposMin: 3 }, index * SECOND_MS);
      memory = result.memory;
      return result.isSuspicious;
    });
    expect(suspicions).toEqual(expected);
  });
});

describe("builds that wait", () => {
  it.each([
    ["nothing waits", { queued: 0, running: 0, slots: 2 }, 0],
    ["all slots are in use", { queued: 9, running: 2, slots: 2 }, 0],
    ["a slot is free", { queued: 9, running: 1, slots: 2 }, 1],
  ])("%s", (_, builds, count) => {
    let memory: IdleBuildsMemory = null;
    const found: number[] = [];
    for (let second = 0; second <= 60; second += 5) {
      const result = detectIdleBuilds(memory, builds, { buildsIdleMs: 60_000 }, second * SECOND_MS);
      memory = result.memory;
      found.push(result.findings.length);
    }
    expect(found).toEqual([...Array<number>(12).fill(0), count]);
  });
});
