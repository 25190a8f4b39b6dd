/** A culler hangs with its next question, whenever that comes, and not for ever. */
import { describe, expect, it } from "vitest";
import { MINUTE_MS, SECOND_MS } from "#base/units.ts";
import { CullerTrouble } from "./culler-trouble.ts";
import { VirtualClock } from "./virtual-clock.ts";

describe("a culler that hangs", () => {
  it.each([
    ["the next question at once", 0],
    ["the next question after an hour", 60 * MINUTE_MS],
  ])("hangs with %s, and whoever asks anew later is answered", async (_title, silentMs) => {
    const clock = new VirtualClock();
    const culler = new CullerTrouble(clock);
    const bitten: number[] = [];
    const ask = () => {
      culler.asked();
      return culler.isHanging;
    };
    culler.hang(() => bitten.push(clock.nowMs()));
    await clock.run(silentMs);
    expect(culler.isHanging).toBe(false);
    expect(ask()).toBe(true);
    await clock.run(30 * SECOND_MS);
    expect(ask()).toBe(true);
    await clock.run(60 * SECOND_MS);
    expect(ask()).toBe(false);
    expect(bitten).toEqual([silentMs]);
  });
});
