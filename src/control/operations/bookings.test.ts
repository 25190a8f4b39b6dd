/** Which bookings are taken, and which count when. */
import { describe, expect, it } from "vitest";
import { Bookings } from "./bookings.ts";

const booking = { repo: "r", seats: 5, fromMs: 1_000, untilMs: 2_000 };

describe("bookings", () => {
  it.each([
    [{}, null],
    [{ seats: 0 }, "0 is no number of seats"],
    [{ seats: 1.5 }, "1.5 is no number of seats"],
    [{ repo: "" }, "a booking names a repository"],
    [{ untilMs: 1_000 }, "the booking ends before it begins"],
    [{ fromMs: 0, untilMs: 500 }, "the booking is over already"],
  ])("with %j: %j", (over, because) => {
    expect(new Bookings(10).add({ ...booking, ...over }, 500)).toBe(because);
  });

  it("count while they last, and are foretold before", () => {
    const bookings = new Bookings(10);
    bookings.add(booking, 0);
    const at = (nowMs: number) => [
      bookings.active(nowMs).length,
      bookings.upcoming(nowMs, 500).length,
      bookings.due(nowMs).length,
    ];
    expect(at(499)).toEqual([0, 0, 1]);
    expect(at(500)).toEqual([0, 1, 1]);
    expect(at(1_000)).toEqual([1, 0, 1]);
    expect(at(1_999)).toEqual([1, 0, 1]);
    expect(at(2_000)).toEqual([0, 0, 0]);
  });

  it("made twice are one, and those that are over make room", () => {
    const bookings = new Bookings(2);
    expect(bookings.add(booking, 0)).toBeNull();
    expect(bookings.add(booking, 0)).toBeNull();
    expect(bookings.due(0)).toHaveLength(1);
    expect(bookings.add({ ...booking, repo: "s" }, 0)).toBeNull();
    expect(bookings.add({ ...booking, repo: "t" }, 0)).toContain("2 bookings");
    expect(bookings.add({ ...booking, repo: "t", untilMs: 9_000 }, 2_000)).toBeNull();
  });
});
