/** Numbers with units, as people write them. */
import { describe, expect, it } from "vitest";
import {
  parseDistribution,
  parseDuration,
  parseRate,
  parseShare,
  parseSize,
  parseStart,
} from "./quantities.ts";

describe("quantities", () => {
  it.each([
    ["90s", 90_000],
    ["15h30m", 55_800_000],
    ["1.5h", 5_400_000],
    ["250ms", 250],
    ["2d", 172_800_000],
    ["0s", 0],
    ["90", null],
    ["1h 30m", null],
    ["-5m", null],
    ["5 minutes", null],
    ["", null],
  ])("the duration %s", (text, expected) => expect(parseDuration(text)).toBe(expected));

  it.each([
    ["4GiB", 4_294_967_296],
    ["512MiB", 536_870_912],
    ["0B", 0],
    ["4GB", null],
    ["4", null],
  ])("the size %s", (text, expected) => expect(parseSize(text)).toBe(expected));

  it.each([
    ["60%", 0.6],
    ["99.5%", 0.995],
    ["0.6", null],
    ["%", null],
  ])("the share %s", (text, expected) => expect(parseShare(text)).toBe(expected));

  it.each([
    ["20/h", 20],
    ["5/min", 300],
    ["0.5/s", 1_800],
    ["5/m", null],
    ["5", null],
  ])("the rate %s", (text, expected) => expect(parseRate(text)).toBe(expected));

  it.each([
    ["exp(45m)", { kind: "exp", meanMs: 2_700_000 }],
    ["fixed(90s)", { kind: "fixed", valueMs: 90_000 }],
    ["90s", { kind: "fixed", valueMs: 90_000 }],
    ["uniform(1m, 5m)", { kind: "uniform", fromMs: 60_000, toMs: 300_000 }],
    ["uniform(1m)", null],
    ["exp(1m,2m)", null],
    ["exp(45)", null],
    ["normal(45m)", null],
  ])("the distribution %s", (text, expected) => expect(parseDistribution(text)).toEqual(expected));

  it.each([
    ["2018-01-17T18:00:00-08:00", Date.UTC(2018, 0, 18, 2), -28_800_000],
    ["2024-02-29T00:00:00Z", Date.UTC(2024, 1, 29), 0],
    ["1969-12-31T23:00+05:30", Date.UTC(1969, 11, 31, 17, 30), 19_800_000],
  ])("the start %s", (text, atMs, zoneMs) => expect(parseStart(text)).toEqual({ atMs, zoneMs }));

  it.each(["2018-01-17", "2018-13-17T18:00:00Z", "18:00", "2018-01-17T25:00:00Z"])(
    "%s is no start",
    (text) => expect(parseStart(text)).toBeNull(),
  );
});
