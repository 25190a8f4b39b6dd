/** The order of those who wait: fair between repositories and addresses, and the same by every way. */
import { describe, expect, it } from "vitest";
import { Prng } from "#base/prng.ts";
import type { SeatWish } from "./seat-wish.ts";
import { nextOf, placeOfNewest, servingOrder } from "./serving-order.ts";
import { heldOf, linesOf, wish } from "./waiting-in-tests.ts";

const everybody = { repo: () => true, wish: () => true };
const crowd = (repoKey: string, count: number, fromMs: number) =>
  Array.from({ length: count }, (_, i) => wish(`${repoKey}${i}`, { repoKey, sinceMs: fromMs + i }));

describe("servingOrder", () => {
  it.each<[string, readonly SeatWish[], Record<string, number>, Record<string, number>, string]>([
    [
      "lets repositories take turns",
      [...crowd("v", 3, 0), wish("q", { repoKey: "q", sinceMs: 9 })],
      {},
      {},
      "v0 q v1 v2",
    ],
    [
      "serves whoever holds fewer seats first",
      [...crowd("v", 2, 0), wish("q", { repoKey: "q", sinceMs: 9 })],
      { v: 5 },
      {},
      "q v0 v1",
    ],
    [
      "does not let a newcomer overtake the round under way",
      [...crowd("v", 2, 0), wish("q", { repoKey: "q", sinceMs: 9 })],
      { v: 5 },
      { v: 3, q: 4 },
      "v0 q v1",
    ],
    ["keeps the order inside one repository", crowd("v", 4, 0), { v: 2 }, {}, "v0 v1 v2 v3"],
    [
      "lets addresses take turns inside a repository",
      [
        ...["a", "b", "c"].map((id, i) => wish(id, { client: "x", sinceMs: i })),
        wish("d", { client: "y", sinceMs: 9 }),
      ],
      {},
      {},
      "a d b c",
    ],
  ])("%s", (_, wishes, repos, turns, expected) => {
    const order = servingOrder(linesOf(wishes, turns).values(), heldOf({ repos }), true);
    expect(order.map(({ launchId }) => launchId).join(" ")).toBe(expected);
  });

  it("goes by age alone when it is not fair", () => {
    const wishes = [
      ...crowd("v", 2, 0),
      wish("q", { repoKey: "q", sinceMs: 9 }),
      ...crowd("w", 1, 5),
    ];
    const order = servingOrder(linesOf(wishes).values(), heldOf({ repos: { v: 9 } }), false);
    expect(order.map(({ launchId }) => launchId)).toEqual(["v0", "v1", "w0", "q"]);
  });
});

/** Some people of some repositories, from a seed. */
function someWishes(seed: number): SeatWish[] {
  const prng = new Prng(`order-${seed}`);
  return Array.from({ length: prng.integer(1, 40) }, (_, i) =>
    wish(`l${String(i).padStart(3, "0")}`, {
      repoKey: `r${prng.integer(0, 5)}`,
      client: prng.fraction() < 0.2 ? null : `c${prng.integer(0, 4)}`,
      sinceMs: i,
    }),
  );
}

describe.each([true, false])("by every way the same order (fair: %s)", (isFair) => {
  it.each(Array.from({ length: 20 }, (_, seed) => seed))("seed %i", (seed) => {
    const wishes = someWishes(seed);
    const repos = { r0: seed % 3, r1: 2, r3: seed % 2 };
    const held = heldOf({ repos, clients: { c0: seed % 3, c2: 1 } });
    const lines = linesOf(wishes);
    const order = servingOrder(lines.values(), held, isFair);
    expect(new Set(order)).toEqual(new Set(wishes));
    expect(nextOf(lines.values(), held, isFair, everybody)).toBe(order[0]);
    const newest = wishes.at(-1) ?? wish("none");
    expect(placeOfNewest(newest, lines, held, isFair)).toBe(order.indexOf(newest) + 1);
  });
});
