/** Tables for placeholders: how many, why, and when fewer. */
import { describe, expect, it } from "vitest";
import { MINUTE_MS } from "#base/units.ts";
import { decidePlaceholders, type PlaceholderNeed } from "./decide-placeholders.ts";

const policy = { placeholdersMax: 20, placeholdersMin: 2, placeholdersKeptMs: 5 * MINUTE_MS };
const none = { reserve: 0, lower: null };
const need = (over: Partial<PlaceholderNeed> = {}): PlaceholderNeed => ({
  seats: { free: 12, coming: 0, possible: 100 },
  waiting: 0,
  pending: 0,
  arrivalsPerMs: 0,
  bootMs: 4 * MINUTE_MS,
  booked: 0,
  ...over,
});
const perMinute = (count: number) => count / MINUTE_MS;

describe("decidePlaceholders", () => {
  it.each<[string, Partial<PlaceholderNeed>, number]>([
    ["a few while nobody comes", {}, 2],
    [
      "whoever comes while a machine boots, and some for chance",
      { arrivalsPerMs: perMinute(1) },
      6,
    ],
    ["no more than the budget", { arrivalsPerMs: perMinute(100) }, 20],
    [
      "one each for those who wait, beyond the budget",
      { arrivalsPerMs: perMinute(100), waiting: 30 },
      50,
    ],
    ["one each for those who are booked, beyond the budget", { booked: 60 }, 62],
    ["no more than there can be", { waiting: 500 }, 112],
    [
      "none when people wait and nothing can be added",
      { waiting: 1, seats: { free: 0, coming: 0, possible: 0 } },
      0,
    ],
    [
      "none when sessions take all that comes",
      { pending: 10, seats: { free: 0, coming: 10, possible: 0 } },
      0,
    ],
    [
      "some on free seats where nothing can be added",
      { seats: { free: 12, coming: 0, possible: 0 } },
      2,
    ],
  ])("%s", (_, over, expected) => {
    expect(decidePlaceholders(none, need(over), policy, 0).count).toBe(expected);
  });

  it("says why, with its numbers", () => {
    const over = { arrivalsPerMs: perMinute(4), seats: { free: 12, coming: 0, possible: 100 } };
    expect(decidePlaceholders(none, need(over), policy, 0).because).toBe(
      "12 seats free; 4 arrivals/min × 240 s boot = 16 and 4 for chance: 20 placeholders, 8 of them without a seat: a machine is wanted",
    );
  });

  it("are off without a budget", () => {
    const off = { ...policy, placeholdersMax: 0 };
    expect(decidePlaceholders({ reserve: 9, lower: null }, need(), off, 0).count).toBe(0);
  });

  it("takes away only what was not needed for a while, and keeps what was needed meanwhile", () => {
    const high = { reserve: 20, lower: null };
    const first = decidePlaceholders(high, need(), policy, 0);
    expect(first.count).toBe(20);
    const busier = need({ arrivalsPerMs: perMinute(1) });
    const second = decidePlaceholders(first.next, busier, policy, 4 * MINUTE_MS);
    expect(second.count).toBe(20);
    const third = decidePlaceholders(second.next, need(), policy, 5 * MINUTE_MS);
    expect(third).toMatchObject({ count: 6, next: { reserve: 6, lower: null } });
  });

  it("takes away at once those for people who are seated now", () => {
    const waiting = decidePlaceholders(none, need({ waiting: 30 }), policy, 0);
    expect(waiting.count).toBe(32);
    expect(decidePlaceholders(waiting.next, need(), policy, 1).count).toBe(2);
  });
});
