/** Tables for admission: who may have a seat, and who is next. */
import { describe, expect, it } from "vitest";
import { decideNext, isFull, obstacleTo } from "./decide-admission.ts";
import { heldOf, linesOf, wish } from "./waiting-in-tests.ts";

const limits = { peopleMax: 3, canarySeats: 1, perRepoMax: 2, perClientMax: 2 };

describe("obstacleTo", () => {
  it.each([
    ["a free seat", {}, {}, null],
    ["the last seat", { people: 2 }, {}, null],
    ["no seat left", { people: 3 }, {}, "full"],
    ["more held than there is", { people: 9 }, {}, "full"],
    ["a repository with its share", { people: 2, repos: { r: 2 } }, {}, "repo"],
    ["an address with its share", { people: 2, clients: { c: 2 } }, { client: "c" }, "client"],
    ["the machine's own user", { people: 2, clients: { c: 2 } }, { client: null }, null],
    ["a canary on its own seat", { people: 3, canaries: 0 }, { isCanary: true }, null],
    ["a canary beyond its seats", { people: 3, canaries: 1 }, { isCanary: true }, "full"],
    ["a canary on a seat of people", { people: 2, canaries: 1 }, { isCanary: true }, null],
    ["a canary of a full repository", { people: 1, repos: { r: 2 } }, { isCanary: true }, null],
    ["canaries that took a seat of people", { people: 2, canaries: 2 }, {}, "full"],
    ["canaries on their own seats", { people: 2, canaries: 1 }, {}, null],
  ] as const)("%s", (_, held, over, expected) => {
    expect(obstacleTo(wish("l", over), heldOf(held), limits)).toBe(expected);
  });

  it("keeps everybody out when the limit is zero", () => {
    expect(isFull(heldOf({}), { ...limits, peopleMax: 0 })).toBe(true);
  });
});

describe("decideNext", () => {
  const next = (held: Parameters<typeof heldOf>[0], wishes: readonly ReturnType<typeof wish>[]) =>
    decideNext(linesOf(wishes).values(), heldOf(held), limits, true)?.launchId ?? null;

  it("passes over a repository that has used its share, without holding up the others", () => {
    const waiting = [wish("a", { sinceMs: 1 }), wish("b", { repoKey: "other", sinceMs: 2 })];
    expect(next({ people: 2, repos: { r: 2 } }, waiting)).toBe("b");
    expect(next({ people: 2, repos: { r: 1 } }, waiting)).toBe("b");
    expect(next({ people: 2, repos: { r: 1, other: 2 } }, waiting)).toBe("a");
  });

  it("passes over an address that has used its share", () => {
    const waiting = [
      wish("a", { client: "x", sinceMs: 1 }),
      wish("b", { client: "y", sinceMs: 2 }),
    ];
    expect(next({ people: 2, clients: { x: 2 } }, waiting)).toBe("b");
  });

  it("gives to the oldest in a total order when nothing else differs", () => {
    expect(next({}, [wish("b", { sinceMs: 5 }), wish("a", { sinceMs: 5, repoKey: "y" })])).toBe(
      "a",
    );
  });

  it("gives nothing when all is taken", () => {
    expect(next({ people: 3 }, [wish("a")])).toBeNull();
  });
});
