/** Which texts are days. */
import { expect, it } from "vitest";
import { givenFlags } from "../arguments/parse-arguments.ts";
import { asOfWish, dayOf } from "./as-of.ts";

it.each(["2024-01-31", "2020-02-29"])("%s is a day", (text) => {
  expect(dayOf(text)).toBe(text);
});

it.each(["", "yesterday", "2023-02-29", "2024-1-3", "2024-13-01", "2024-01-31T00:00"])(
  "%j is none",
  (text) => {
    expect(() => dayOf(text)).toThrow("--as-of needs a day");
  },
);

it("is left out of a wish where it is not given", () => {
  expect(asOfWish(givenFlags(new Map()))).toEqual({});
});
