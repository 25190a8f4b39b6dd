/** Ids as people shorten them. */
import { describe, expect, it } from "vitest";
import { oneOf } from "./one-of.ts";

const IDS = ["abc1", "abc2", "abd", "abd4"];

describe("an id as a person types it", () => {
  it.each([
    ["abc1", "abc1"],
    ["abd", "abd"],
    ["abd4", "abd4"],
  ])("%s is %s", (given, id) => {
    expect(oneOf(given, IDS, "session-not-found")).toBe(id);
  });

  it.each([
    ["abc", /"abc" is the beginning of several: abc1, abc2\./],
    ["x", /Nothing here is called "x"/],
    ["", /Nothing here is called ""/],
  ])("%j is refused", (given, message) => {
    expect(() => oneOf(given, IDS, "session-not-found")).toThrow(message);
  });
});
