/** Times in tables. */
import { expect, test } from "vitest";
import { age } from "./age.ts";

test.each([
  [-5, "0 s"],
  [59_999, "59 s"],
  [60_000, "1 min"],
  [3_599_999, "59 min"],
  [3_600_000, "1 h"],
  [47 * 3_600_000, "47 h"],
  [48 * 3_600_000, "2 d"],
])("%i ms is %s", (durationMs, shown) => {
  expect(age(durationMs)).toBe(shown);
});
