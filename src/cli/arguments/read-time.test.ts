/** Times as people type them. */
import { describe, expect, it } from "vitest";
import { readCount, readDuration, readTime } from "./read-time.ts";

describe("a duration", () => {
  it.each([
    ["45s", 45_000],
    ["30m", 1_800_000],
    ["30min", 1_800_000],
    ["1.5h", 5_400_000],
    ["2 d", 172_800_000],
  ])("%s", (text, ms) => {
    expect(readDuration(text, "--idle")).toBe(ms);
  });

  it.each(["", "30", "m", "-5m", "5 weeks", "1h30m"])("is not %j", (text) => {
    expect(() => readDuration(text, "--idle")).toThrow(/--idle should be a time/);
  });
});

describe("a time", () => {
  it.each([
    ["+2h", 7_201_000],
    ["2026-01-01T00:00Z", Date.UTC(2026, 0, 1)],
    ["2026-01-01T01:00:30+01:00", Date.UTC(2026, 0, 1, 0, 0, 30)],
  ])("%s", (text, atMs) => {
    expect(readTime(text, "--from", 1_000)).toBe(atMs);
  });

  it.each(["tomorrow", "2026-01-01", "2026-13-01T00:00", "+", "14:00"])("is not %j", (text) => {
    expect(() => readTime(text, "--from", 0)).toThrow(/--from should be a time/);
  });
});

describe("a count", () => {
  it("is a whole number", () => {
    expect(readCount("40", "COUNT")).toBe(40);
  });

  it.each(["", "-1", "4.5", "4e3", "many"])("is not %j", (text) => {
    expect(() => readCount(text, "COUNT")).toThrow(/whole number/);
  });
});
