/** How many launches an address may begin, and whose window it is. */
import { describe, expect, it } from "vitest";
import { RateLimit, rateKey } from "./rate-limit.ts";

const limit = () => new RateLimit({ limit: 2, periodMs: 1_000, clientsMax: 3 });

describe("a rate limit", () => {
  it("allows so many in a window, and begins anew after it", () => {
    const rate = limit();
    const verdicts = [0, 10, 20, 999, 1_000].map((nowMs) => rate.take("192.0.2.1", nowMs));
    expect(verdicts.map(({ isAllowed }) => isAllowed)).toEqual([true, true, false, false, true]);
    expect(verdicts.map(({ remaining }) => remaining)).toEqual([1, 0, 0, 0, 1]);
    expect(verdicts.map(({ resetAtMs }) => resetAtMs)).toEqual([1_000, 1_000, 1_000, 1_000, 2_000]);
  });

  it("locks nobody out for longer than a window when the clock goes back", () => {
    const rate = limit();
    rate.take("192.0.2.1", 5_000_000);
    rate.take("192.0.2.1", 5_000_000);
    expect(rate.take("192.0.2.1", 10).isAllowed).toBe(true);
  });

  it("remembers no more addresses than its limit", () => {
    const rate = limit();
    for (const last of [1, 2, 3, 4]) rate.take(`192.0.2.${last}`, 0);
    expect(rate.take("192.0.2.1", 1).remaining).toBe(1);
    expect(rate.take("192.0.2.4", 1).remaining).toBe(0);
  });
});

describe("whose window it is", () => {
  it.each([
    ["192.0.2.1", "::ffff:192.0.2.1", true],
    ["192.0.2.1", "192.0.2.2", false],
    ["2001:db8:1:2:3::1", "2001:db8:1:2:ffff::9", true],
    ["2001:db8:1:2::1", "2001:db8:1:3::1", false],
    ["no address", "no address", true],
  ])("%s and %s: %s", (one, other, isSame) => {
    expect(rateKey(one) === rateKey(other)).toBe(isSame);
  });
});
