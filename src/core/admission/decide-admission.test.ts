/** Tables for admission. */
import { describe, expect, it } from "vitest";
import { decideAdmission, estimateWaitMs, type SeatWish } from "./decide-admission.ts";

const wish = (launchId: string, repoKey = "r", sinceMs = 0): SeatWish => ({
  launchId,
  repoKey,
  sinceMs,
});
const policy = { sessionsMax: 3, sessionsPerRepoMax: 2 };

describe("decideAdmission", () => {
  it("never admits more than the total, however many ask at once", () => {
    const fifty = Array.from({ length: 50 }, (_, i) => wish(`l${i}`, `r${i}`, i));
    const decision = decideAdmission([], fifty, { sessionsMax: 10, sessionsPerRepoMax: 10 });
    expect(decision.admitted).toHaveLength(10);
    expect([...decision.positions.values()]).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
  });

  it("admits the oldest first, and breaks ties in a total order", () => {
    const decision = decideAdmission(
      [],
      [wish("b", "x", 5), wish("a", "y", 5), wish("c", "z", 1)],
      {
        sessionsMax: 2,
        sessionsPerRepoMax: 2,
      },
    );
    expect(decision.admitted).toEqual(["c", "a"]);
    expect(decision.positions).toEqual(new Map([["b", 1]]));
  });

  it("passes over a repository that has used its share, without holding up the others", () => {
    const taken = [wish("s1"), wish("s2")];
    const decision = decideAdmission(taken, [wish("w1", "r", 1), wish("w2", "other", 2)], policy);
    expect(decision.admitted).toEqual(["w2"]);
    expect(decision.positions).toEqual(new Map([["w1", 1]]));
  });

  it("admits nobody when the limit is zero", () => {
    const decision = decideAdmission([], [wish("a")], { sessionsMax: 0, sessionsPerRepoMax: 1 });
    expect(decision.admitted).toEqual([]);
    expect(decision.positions.get("a")).toBe(1);
  });
});

describe("estimateWaitMs", () => {
  it("does not guess before two seats became free", () => {
    expect(estimateWaitMs(1, [5], 10)).toBeNull();
  });

  it("multiplies the place by the mean time between releases", () => {
    expect(estimateWaitMs(3, [0, 5_000], 10_000)).toBe(15_000);
  });
});
