/** How long copies took: only those of people that came to an end, and a guess before. */
import { describe, expect, it } from "vitest";
import type { ObservedSession, SessionState } from "#core/session/session.ts";
import { PullTimes } from "./pull-times.ts";

function session(id: string, state: SessionState, isCanary = false): ObservedSession {
  const repo = { provider: "git", spec: "r", url: "r", ref: null, commit: "c" } as const;
  const purpose = { launchId: id, repo, environmentKey: "e", clientAddress: null, isCanary };
  const times = { createdAtMs: 0, claimedAtMs: 0, endsAtMs: 0, idleLimitMs: 0 };
  const rest = { lastActivityAtMs: 0, outOfMemoryKills: 0, memoryBytes: null, node: "n" };
  return { record: { id, token: "t", purpose, ...times }, state, ...rest };
}

const PULLING = { kind: "starting", step: "pulling" } as const;
const STARTING = { kind: "starting", step: "starting" } as const;
const ENDED = { kind: "ended", end: "stopped", exitCode: null } as const;

/** What is known after twenty copies of 90 s that came to this. */
function lastingAfter(state: SessionState, isCanary: boolean): number {
  const clock = { time: 0, nowMs: () => clock.time };
  const pulls = new PullTimes(clock, 60_000);
  for (let n = 0; n < 20; n += 1) {
    const before = session(`s${n}`, PULLING, isCanary);
    pulls.note(null, before);
    clock.time += 90_000;
    pulls.note(before, session(`s${n}`, state, isCanary));
  }
  return pulls.longMs;
}

describe("how long copies take", () => {
  it.each([
    ["those of people", STARTING, false, 90_000],
    ["of drivers that tell no step after it", { kind: "running" }, false, 90_000],
    ["not those of canaries: their environment is small", STARTING, true, 60_000],
    ["not those that were given up", ENDED, false, 60_000],
  ] as const)("%s", (_, state, isCanary, expected) => {
    expect(lastingAfter(state, isCanary)).toBe(expected);
  });

  it("is a guess as long as few were seen", () => {
    expect(new PullTimes({ nowMs: () => 0 }, 60_000).longMs).toBe(60_000);
  });
});
