/** Places of repositories: the same each time, in proportion, and few of them move. */
import { describe, expect, it } from "vitest";
import { placeLaunch, rankMembers } from "./rendezvous.ts";

const member = (name: string, weight = 1) => ({ name, weight });
const FOUR = ["a", "b", "c", "d"].map((name) => member(name));
const KEYS = Array.from({ length: 4_000 }, (_, n) => `gh/owner-${n % 37}/repo-${n}`);
const first = (key: string, members: readonly { name: string; weight: number }[]) =>
  rankMembers(key, members)[0]?.name;
const NONE: ReadonlySet<string> = new Set();

describe("rankMembers", () => {
  it.each([
    ["equal weights", [1, 1, 1, 1]],
    ["weights", [3, 2, 1, 1]],
  ])("spreads repositories by %s", (_what, weights) => {
    const members = FOUR.map(({ name }, index) => member(name, weights[index]));
    const sum = weights.reduce((a, b) => a + b);
    for (const { name, weight } of members) {
      const share = KEYS.filter((key) => first(key, members) === name).length / KEYS.length;
      expect(Math.abs(share - weight / sum)).toBeLessThan(0.03);
    }
  });

  it("moves only the repositories of a member that goes", () => {
    const three = FOUR.slice(1);
    const stayed = KEYS.filter((key) => first(key, FOUR) !== "a");
    expect(stayed.map((key) => first(key, three))).toEqual(stayed.map((key) => first(key, FOUR)));
  });

  it("leaves out who has no weight", () => {
    expect(rankMembers("x", [member("a", 0), member("b")])).toEqual([member("b")]);
  });
});

describe("placeLaunch", () => {
  const [best = "", second = ""] = rankMembers("viral", FOUR).map(({ name }) => name);
  it.each<[string, number, Record<string, number>, ReadonlySet<string>, string]>([
    ["nobody has any", 0, {}, NONE, best],
    ["the best place has a few", 9, { [best]: 2 }, NONE, best],
    ["the best place has far more than its share", 9, { [best]: 30, [second]: 2 }, NONE, second],
    ["it has, but of other repositories", 1, { [best]: 30, [second]: 2 }, NONE, best],
    ["the best place was tried", 9, {}, new Set([best]), second],
  ])("when %s", (_what, ofKey, loads, tried, place) => {
    const ofMembers = new Map(Object.entries(loads));
    expect(placeLaunch("viral", FOUR, { ofMembers, ofKey }, tried)).toBe(place);
  });

  it("is nowhere when all were tried", () => {
    const tried = new Set(FOUR.map(({ name }) => name));
    expect(placeLaunch("viral", FOUR, { ofMembers: new Map(), ofKey: 9 }, tried)).toBeNull();
  });

  it("keeps shares near the weights although one repository has most of the launches", () => {
    const loads = new Map<string, number>();
    for (let n = 0; n < 400; n += 1) {
      const isViral = n % 10 < 8;
      const given = { ofMembers: loads, ofKey: isViral ? n : 0 };
      const place = placeLaunch(isViral ? "viral" : `rest-${n}`, FOUR, given, NONE);
      if (place !== null) loads.set(place, (loads.get(place) ?? 0) + 1);
    }
    for (const { name } of FOUR) expect((loads.get(name) ?? 0) / 400).toBeLessThan(0.25 + 0.2);
  });
});
