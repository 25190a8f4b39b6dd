/** Environments that machines copy ahead: whose, and how seldom anybody is asked. */
import { describe, expect, it } from "vitest";
import { MINUTE_MS } from "#base/units.ts";
import type { Environment } from "#core/environment/environment.ts";
import { DEFAULT_POLICY } from "#core/policy.ts";
import type { Clock } from "#ports/clock.ts";
import { Prefetch } from "./prefetch.ts";
import { RepoKeys } from "./repo-keys.ts";

const booking = { repo: "https://host.example/course", seats: 5, fromMs: 0, untilMs: 1e9 };

function environment(key: string, builtAtMs: number, builtFor: string): Environment {
  const facts = { lastUsedAtMs: 0, sizeBytes: 1, buildDurationMs: 1, pythonVersion: "3.14.0" };
  return { key, builtAtMs, builtFor, ...facts, server: "generic", serverBecause: "" };
}

function site(prefetchMax = 2) {
  const done: string[] = [];
  const asked = { lists: 0, nowMs: 0, waiting: new Map<string, number>() };
  const clock: Pick<Clock, "monotonicMs"> = { monotonicMs: () => asked.nowMs };
  const prefetch = new Prefetch({
    cluster: { setPrefetched: async (keys) => void done.push(keys.join(" ")) },
    builder: {
      list: async () => {
        asked.lists += 1;
        return [
          environment("old", 1, "https://host.example/course"),
          environment("new", 2, "https://host.example/course.git"),
          environment("other", 3, "https://host.example/other"),
        ];
      },
    },
    repoKeys: new RepoKeys(),
    clock,
    policy: { ...DEFAULT_POLICY, prefetchMax },
    waitedFor: () => asked.waiting,
  });
  return { asked, done, prefetch };
}

describe("environments that are copied ahead", () => {
  it("are the newest of a booked repository, by whichever address it was built", async () => {
    const { asked, done, prefetch } = site();
    await prefetch.round([booking], false);
    await prefetch.round([booking], false);
    expect(done).toEqual(["new"]);
    expect(asked.lists).toBe(1);
    asked.nowMs = 2 * MINUTE_MS;
    await prefetch.round([booking], false);
    expect(asked.lists).toBe(2);
  });

  it("are those of a crowd that waits, beside what is booked", async () => {
    const { asked, done, prefetch } = site();
    asked.waiting.set("crowd", 9).set("few", 1);
    await prefetch.round([booking], true);
    expect(done).toEqual(["new crowd"]);
  });

  it("are looked for only when somebody wants any", async () => {
    const { asked, done, prefetch } = site();
    asked.waiting.set("crowd", 9);
    await prefetch.round([], false);
    expect(done).toEqual([]);
    expect(asked.lists).toBe(0);
  });

  it("are none when that is off", async () => {
    const { done, prefetch } = site(0);
    await prefetch.round([booking], true);
    expect(done).toEqual([]);
  });
});
