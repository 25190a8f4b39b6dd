/** One seed gives one sequence, and forks are independent of one another. */
import { describe, expect, it } from "vitest";
import { Prng } from "./prng.ts";

const drawn = (prng: Prng, count: number) => Array.from({ length: count }, () => prng.uint32());

describe("Prng", () => {
  it("repeats itself for one seed, and differs for another", () => {
    expect(drawn(new Prng("a"), 50)).toEqual(drawn(new Prng("a"), 50));
    expect(drawn(new Prng("a"), 50)).not.toEqual(drawn(new Prng("b"), 50));
  });

  it("gives a fork the same numbers whatever else was drawn", () => {
    const one = new Prng("a");
    const other = new Prng("a");
    drawn(other, 10);
    expect(drawn(one.fork("x"), 5)).toEqual(drawn(other.fork("x"), 5));
    expect(drawn(one.fork("x"), 5)).not.toEqual(drawn(one.fork("y"), 5));
  });

  it("is even: tenths of the range and single bits come equally often", () => {
    const prng = new Prng("even");
    const tenths = Array.from({ length: 10 }, () => 0);
    const bits = Array.from({ length: 32 }, () => 0);
    for (let n = 0; n < 20_000; n += 1) {
      const word = prng.uint32();
      const tenth = Math.floor((word / 0x1_0000_0000) * 10);
      tenths[tenth] = (tenths[tenth] ?? 0) + 1;
      for (let bit = 0; bit < 32; bit += 1) bits[bit] = (bits[bit] ?? 0) + ((word >>> bit) & 1);
    }
    for (const count of tenths) expect(Math.abs(count - 2_000)).toBeLessThan(250);
    for (const count of bits) expect(Math.abs(count - 10_000)).toBeLessThan(500);
  });

  it("draws whole numbers of a range, and only those", () => {
    const prng = new Prng("range");
    const seen = new Set(Array.from({ length: 1_000 }, () => prng.integer(3, 7)));
    expect([...seen].sort((a, b) => a - b)).toEqual([3, 4, 5, 6]);
  });

  it("has the mean that was asked for in its exponential times", () => {
    const prng = new Prng("times");
    let sum = 0;
    for (let n = 0; n < 20_000; n += 1) sum += prng.exponential(100);
    expect(Math.abs(sum / 20_000 - 100)).toBeLessThan(4);
  });

  it("has nothing to pick from nothing", () => {
    expect(() => new Prng("a").pick([])).toThrow("nothing to pick from");
  });
});
