/** What machines copy ahead: bookings before crowds, crowds before what was. */
import { describe, expect, it } from "vitest";
import { decidePrefetch } from "./decide-prefetch.ts";

describe("what machines copy ahead", () => {
  it.each([
    ["nothing when nobody wants anything", [], [], {}, 3, []],
    ["what is booked", [], ["b"], {}, 3, ["b"]],
    ["what most wait for comes first", [], [], { x: 1, y: 5 }, 3, ["y", "x"]],
    ["a booking comes before a crowd", [], ["b"], { y: 5 }, 1, ["b"]],
    ["equal crowds go by name", [], [], { y: 2, x: 2 }, 1, ["x"]],
    ["what was wanted stays while there is room", ["o"], [], { y: 1 }, 2, ["y", "o"]],
    ["and goes when there is none", ["o", "p"], [], { y: 1 }, 2, ["y", "o"]],
    ["each once", ["y"], ["y"], { y: 1 }, 3, ["y"]],
    ["nothing when it is off", ["o"], ["b"], { y: 1 }, 0, []],
  ])("%s", (_, before, booked, waitedFor, prefetchMax, expected) => {
    const need = { booked, waitedFor: new Map(Object.entries(waitedFor)) };
    expect(decidePrefetch(before, need, { prefetchMax })).toEqual(expected);
  });

  it("is the same object while nothing changes, in whichever order", () => {
    const before = ["x", "y"];
    const need = { booked: [], waitedFor: new Map([["y", 4]]) };
    expect(decidePrefetch(before, need, { prefetchMax: 2 })).toBe(before);
  });
});
