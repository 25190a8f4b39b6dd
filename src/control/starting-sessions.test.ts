/** Which sessions have been starting for too long, and on which machines. */
import { describe, expect, it } from "vitest";
import type { ObservedSession, SessionState } from "#core/session/session.ts";
import { RepoKeys } from "./repo-keys.ts";
import type { SessionListener } from "./session-registry.ts";
import { StartingSessions } from "./starting-sessions.ts";

class Registry {
  readonly sessions = new Map<string, ObservedSession>();
  #listener: SessionListener = () => undefined;

  get(id: string): ObservedSession | null {
    return this.sessions.get(id) ?? null;
  }

  onChange(listener: SessionListener): void {
    this.#listener = listener;
  }

  put(id: string, kind: "starting" | "running", node: string | null, repo = "r"): void {
    this.see(id, { kind }, node, repo);
  }

  see(id: string, state: SessionState, node: string | null, repo = "r"): void {
    const before = this.get(id);
    const url = `https://host.example/${repo}`;
    const session: ObservedSession = {
      record: {
        id,
        token: "t",
        createdAtMs: 0,
        claimedAtMs: 0,
        endsAtMs: 1e9,
        idleLimitMs: 1e9,
        purpose: {
          launchId: id,
          repo: { provider: "git", spec: url, url, ref: null, commit: "c" },
          environmentKey: "k",
          clientAddress: null,
          isCanary: false,
        },
      },
      state,
      lastActivityAtMs: 0,
      outOfMemoryKills: 0,
      memoryBytes: null,
      node,
    };
    this.sessions.set(id, session);
    this.#listener(before, session);
  }

  remove(id: string): void {
    const before = this.get(id);
    this.sessions.delete(id);
    this.#listener(before, null);
  }
}

function world() {
  const registry = new Registry();
  const clock = { time: 0, nowMs: () => clock.time };
  return { registry, clock, starting: new StartingSessions(registry, new RepoKeys(), clock) };
}

describe("sessions that start", () => {
  it("count for their machine after the limit, each repository once", () => {
    const { registry, starting } = world();
    registry.put("1", "starting", "a", "x");
    registry.put("2", "starting", "a", "x");
    registry.put("3", "starting", "a", "y");
    registry.put("4", "starting", "b", "x");
    expect(starting.stuck(60_000, 59_999).size).toBe(0);
    const stuck = starting.stuck(60_000, 70_000);
    expect(stuck.get("a")).toMatchObject({ count: 3, oldestMs: 70_000 });
    expect(stuck.get("a")?.repoKeys).toHaveLength(2);
    expect(stuck.get("b")).toMatchObject({ count: 1 });
  });

  it("count no more when they run or are gone, and never without a machine", () => {
    const { registry, starting } = world();
    registry.put("1", "starting", "a");
    registry.put("2", "starting", "a");
    registry.put("3", "starting", null);
    registry.put("1", "running", "a");
    registry.remove("2");
    expect(starting.stuck(60_000, 70_000).size).toBe(0);
  });

  it("count from when their server begins, however long the copy before it took", () => {
    const { clock, registry, starting } = world();
    registry.see("1", { kind: "starting", step: "placing" }, null);
    registry.see("1", { kind: "starting", step: "pulling" }, "a");
    clock.time = 400_000;
    expect(starting.stuck(60_000, 400_000).size).toBe(0);
    registry.see("1", { kind: "starting", step: "starting" }, "a");
    clock.time = 430_000;
    registry.see("1", { kind: "starting", step: "starting" }, "a");
    expect(starting.stuck(60_000, 459_999).size).toBe(0);
    expect(starting.stuck(60_000, 460_000).get("a")).toMatchObject({ count: 1, oldestMs: 60_000 });
  });
});
