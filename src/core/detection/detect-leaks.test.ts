/** Leaks by slope: what is found, in time, and what is not one. */
import { describe, expect, it } from "vitest";
import { KIB, MIB, MINUTE_MS, SECOND_MS } from "#base/units.ts";
import type { Finding } from "../incident/finding.ts";
import { DEFAULT_POLICY } from "../policy.ts";
import { detectLeaks, type LeakMemory } from "./detect-leaks.ts";
import { component } from "./observed-in-tests.ts";
import type { ComponentLook } from "./observed.ts";

interface Case {
  /** At a minute, with so many launches. */
  readonly looks: (minute: number, launches: number) => Partial<ComponentLook>;
  readonly perMinute?: number;
  readonly minutes?: number;
  readonly underWay?: (minute: number) => number;
  readonly isYoung?: boolean;
  readonly policy?: Partial<typeof DEFAULT_POLICY>;
}

/** When a leak was found first, in minutes, and the last word on it. */
function run({ isYoung, looks, minutes = 15, perMinute = 4, policy, underWay }: Case) {
  let memory: LeakMemory = new Map();
  let foundAt: number | null = null;
  let last: Finding | null = null;
  for (let second = 0; second <= minutes * 60; second += 5) {
    const minute = second / 60;
    const launches = Math.floor(minute * perMinute);
    const result = detectLeaks(
      memory,
      {
        components: [component("control-1", looks(minute, launches))],
        launches,
        underWay: underWay?.(minute) ?? 0,
        youngReleases: new Map(isYoung === true ? [["control-1", "2"]] : []),
      },
      { ...DEFAULT_POLICY, ...policy },
      second * SECOND_MS,
    );
    memory = result.memory;
    last = result.findings[0] ?? null;
    if (last !== null) foundAt ??= minute;
  }
  return { foundAt, last };
}

const mebibyteEach: Case["looks"] = (_, launches) => ({ memoryBytes: 100 * MIB + launches * MIB });

describe("leaks", () => {
  it.each<[string, Case]>([
    ["a mebibyte a launch", { looks: mebibyteEach }],
    ["four handles a launch", { looks: (_, launches) => ({ handles: 50 + 4 * launches }) }],
    [
      "a mebibyte a launch under noise",
      {
        looks: (minute, launches) => ({
          memoryBytes: 100 * MIB + launches * MIB + Math.sin(minute * 50) * MIB,
        }),
      },
    ],
  ])("are found within ten minutes: %s", (_, given) => {
    expect(run(given).foundAt ?? Number.NaN).toBeLessThanOrEqual(10);
  });

  it.each<[string, Case]>([
    ["nothing grows", { looks: () => ({ memoryBytes: 100 * MIB, handles: 50 }) }],
    ["the platform cannot tell", { looks: () => ({}) }],
    [
      "a little a launch",
      { looks: (_, launches) => ({ memoryBytes: 100 * MIB + launches * 64 * KIB }) },
    ],
    [
      "memory goes up and down",
      { looks: (minute) => ({ memoryBytes: (100 + 50 * Math.sin(minute * 3)) * MIB }) },
    ],
    [
      "it grows without launches",
      { looks: (minute) => ({ memoryBytes: (100 + minute) * MIB }), perMinute: 0 },
    ],
    [
      "it grew while it began",
      { looks: (minute) => ({ memoryBytes: (100 + Math.min(2, minute) * 50) * MIB }) },
    ],
    [
      "launches under way hold handles",
      {
        looks: (minute) => ({ handles: 50 + 2 * minute * 10 }),
        perMinute: 10,
        underWay: (minute) => minute * 10,
      },
    ],
    [
      "a restart in between",
      {
        looks: (minute, launches) => ({
          startedAtMs: Math.floor(minute / 4) * 4 * MINUTE_MS,
          memoryBytes: launches * MIB,
        }),
      },
    ],
    ["it is switched off", { looks: mebibyteEach, policy: { slopeWindowMs: 0 } }],
  ])("are not found: %s", (_, given) => {
    expect(run(given).foundAt).toBeNull();
  });

  it("name the release that they began with, which is urgent", () => {
    const { last } = run({ looks: mebibyteEach, isYoung: true });
    expect(last).toMatchObject({ severity: "act", subject: { kind: "release", name: "2" } });
    expect(last?.evidence).toContain("1 MiB a launch");
  });

  it("are a note until much is lost, then urgent", () => {
    expect(run({ looks: mebibyteEach }).last?.severity).toBe("note");
    expect(run({ looks: mebibyteEach, minutes: 135 }).last?.severity).toBe("act");
  });
});
