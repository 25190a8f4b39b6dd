/** Tables for estimates of waits, and for what the refused are told. */
import { describe, expect, it } from "vitest";
import { MINUTE_MS, SECOND_MS } from "#base/units.ts";
import {
  estimateWait,
  medianOf,
  releaseRate,
  retryAfterSeconds,
  waitError,
} from "./estimate-wait.ts";

const perMinute = (count: number) => count / MINUTE_MS;
const machine = (inMinutes: number, seats: number) => ({ atMs: inMinutes * MINUTE_MS, seats });

describe("releaseRate", () => {
  it.each([
    [[], 10, 0],
    [[5], 10, 0],
    [[0, 5_000], 10_000, 2 / 10_000],
    [[0, 1, 2], 3_000, 3 / 3_000],
  ])("%j at %i is %d", (releases, nowMs, expected) => {
    expect(releaseRate(releases, nowMs)).toBe(expected);
  });

  it.each([
    ["nothing became free", [], 10_000, 1 / 1_000],
    ["two at once", [10_000, 10_000], 10_000, 3 / 1_000],
    ["less than was guessed", [0], 9_000, 2 / 10_000],
  ])("with a guess of one a second, %s", (_, releases, nowMs, expected) => {
    expect(releaseRate(releases, nowMs, 1 / 1_000)).toBe(expected);
  });
});

describe("estimateWait", () => {
  it.each([
    ["nothing brings a seat", 1, 0, [], { waitMs: null, isOfMachine: false }],
    ["seats become free", 3, 1, [], { waitMs: 3 * MINUTE_MS, isOfMachine: false }],
    [
      "only a machine brings seats",
      5,
      0,
      [machine(4, 10)],
      { waitMs: 4 * MINUTE_MS, isOfMachine: true },
    ],
    ["the machine is too small", 11, 0, [machine(4, 10)], { waitMs: null, isOfMachine: false }],
    [
      "a second machine is needed",
      11,
      0,
      [machine(4, 10), machine(6, 10)],
      { waitMs: 6 * MINUTE_MS, isOfMachine: true },
    ],
    [
      "releases are sooner than the machine",
      2,
      1,
      [machine(4, 10)],
      { waitMs: 2 * MINUTE_MS, isOfMachine: false },
    ],
    ["both together", 8, 1, [machine(4, 4)], { waitMs: 4 * MINUTE_MS, isOfMachine: true }],
    [
      "releases after the machine",
      9,
      1,
      [machine(4, 4)],
      { waitMs: 5 * MINUTE_MS, isOfMachine: false },
    ],
    ["an overdue machine", 1, 0, [machine(-1, 4)], { waitMs: 10 * SECOND_MS, isOfMachine: true }],
  ])("%s", (_, position, freePerMinute, coming, expected) => {
    const supply = { releasesPerMs: perMinute(freePerMinute), coming };
    expect(estimateWait(position, supply, 0)).toEqual(expected);
  });
});

describe("retryAfterSeconds", () => {
  it.each([
    ["nothing is known", 5_000, 0, [], 60],
    ["a tenth is served in ten minutes", 100, 1, [], 600],
    ["it is quick", 10, 600, [], 5],
    ["it takes for ever", 5_000, 1, [], 3_600],
    ["a machine comes", 50, 0, [machine(4, 100)], 240],
  ])("%s", (_, waiting, freePerMinute, coming, expected) => {
    const supply = { releasesPerMs: perMinute(freePerMinute), coming };
    expect(retryAfterSeconds(waiting, supply, 0)).toBe(expected);
  });
});

describe("honesty", () => {
  it.each([
    [60_000, 60_000, 0],
    [60_000, 30_000, 0.5],
    [30_000, 60_000, 0.5],
    [0, 500, 0.5],
  ])("told %i, waited %i: wrong by %d", (toldMs, realMs, expected) => {
    expect(waitError(toldMs, realMs)).toBe(expected);
  });

  it.each([
    [[], null],
    [[3], 3],
    [[3, 1, 2], 2],
    [[4, 1, 2, 3], 2.5],
  ])("the median of %j is %s", (values, expected) => {
    expect(medianOf(values)).toBe(expected);
  });
});
