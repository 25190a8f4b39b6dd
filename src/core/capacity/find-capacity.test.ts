/** Tables for forecasts and findings of capacity. */
import { describe, expect, it } from "vitest";
import { MINUTE_MS, SECOND_MS } from "#base/units.ts";
import { findExhausted, foretellLimits } from "./find-capacity.ts";
import { forecastHit } from "./forecast.ts";

const nowMs = 20 * MINUTE_MS;
/** One sample a minute up to now. */
const line = (from: number, perMinute: number, minutes = 20) =>
  Array.from({ length: minutes + 1 }, (_, i) => ({
    atMs: nowMs - (minutes - i) * MINUTE_MS,
    used: from + perMinute * i,
  }));

describe("forecastHit", () => {
  it.each([
    ["steady growth", line(20, 2), 100, nowMs + 20 * MINUTE_MS],
    ["no growth", line(20, 0), 100, null],
    ["decline", line(80, -1), 100, null],
    ["growth that may be chance", line(20, 0.2), 100, null],
    ["too short a look", line(20, 2, 5), 100, null],
    ["a limit that is hit already", line(60, 2), 100, null],
    ["no look", [], 100, null],
  ])("%s", (_, samples, limit, expected) => {
    expect(forecastHit(samples, limit, nowMs)?.hitsAtMs ?? null).toBe(expected);
  });
});

const policy = { sessionsMax: 100, queueMax: 1_000, forecastAheadMs: 30 * MINUTE_MS };
const people = line(20, 2).map(({ atMs, used }) => ({ atMs, people: used, waiting: 0 }));

describe("foretellLimits", () => {
  it("names the limit that is hit first, with its numbers", () => {
    expect(foretellLimits(people, 500, policy, nowMs)).toEqual([
      {
        cause: "capacity-forecast",
        subject: { kind: "cluster", name: "sessionsMax" },
        severity: "note",
        evidence: "60 of 100 in use and 120 more an hour: sessionsMax is reached in 20 min.",
        sinceMs: 0,
      },
    ]);
    const machines = foretellLimits(people, 90, policy, nowMs);
    expect(machines.map(({ subject }) => subject.name)).toEqual(["nodesMax"]);
  });

  it.each([
    ["it is far away", people, { ...policy, sessionsMax: 200 }],
    ["nothing was seen", [], policy],
  ])("says nothing when %s", (_, samples, limits) => {
    expect(foretellLimits(samples, 500, limits, nowMs)).toEqual([]);
  });

  it("foretells a full queue", () => {
    const samples = line(100, 40).map(({ atMs, used }) => ({ atMs, people: 10, waiting: used }));
    const found = foretellLimits(samples, 500, policy, nowMs);
    expect(found.map(({ subject }) => subject.name)).toEqual(["queueMax"]);
  });
});

describe("findExhausted", () => {
  it.each([
    [59 * SECOND_MS, []],
    [60 * SECOND_MS, ["capacity-exhausted"]],
  ])("after %i ms: %j", (waitedMs, causes) => {
    const exhausted = { sinceMs: nowMs - waitedMs, missing: 7, limit: "nodesMax" };
    expect(findExhausted(exhausted, nowMs).map(({ cause }) => cause)).toEqual(causes);
  });

  it("says nothing when nobody waits", () => {
    expect(findExhausted(null, nowMs)).toEqual([]);
  });
});
