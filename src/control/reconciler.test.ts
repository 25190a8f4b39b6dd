/** Keys are worked on one at a time, and nothing that changes meanwhile is lost. */
import { describe, expect, it } from "vitest";
import type { Clock } from "#ports/clock.ts";
import { Reconciler } from "./reconciler.ts";

const silent = () => undefined;
const log = { debug: silent, info: silent, warn: silent, error: silent };

/** A clock whose timers are fired by the test. */
function handClock() {
  const timers: { delayMs: number; fire: () => void; isCancelled: boolean }[] = [];
  const clock: Clock = {
    nowMs: () => 0,
    monotonicMs: () => 0,
    setTimer(delayMs, fire) {
      const timer = { delayMs, fire, isCancelled: false };
      timers.push(timer);
      return () => {
        timer.isCancelled = true;
      };
    },
  };
  return { clock, timers, pending: () => timers.filter((timer) => !timer.isCancelled) };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

describe("Reconciler", () => {
  it("runs a key that was added while it ran once more, not twice at once", async () => {
    const { clock } = handClock();
    let running = 0;
    let most = 0;
    let rounds = 0;
    const gates: (() => void)[] = [];
    const reconciler = new Reconciler({ name: "t", clock, log }, async () => {
      running += 1;
      rounds += 1;
      most = Math.max(most, running);
      await new Promise<void>((resolve) => gates.push(resolve));
      running -= 1;
      return null;
    });
    reconciler.add("k");
    reconciler.add("k");
    reconciler.add("k");
    gates[0]?.();
    await settle();
    gates[1]?.();
    await settle();
    expect({ rounds, most }).toEqual({ rounds: 2, most: 1 });
  });

  it("has at most one pending wake per key", async () => {
    const { clock, pending } = handClock();
    const reconciler = new Reconciler({ name: "t", clock, log }, async () => ({ atMs: 1_000 }));
    for (let i = 0; i < 5; i += 1) {
      reconciler.add("k");
      await settle();
    }
    expect(pending()).toHaveLength(1);
  });

  it("wakes a key again after an error, later each time", async () => {
    const { clock, timers } = handClock();
    const reconciler = new Reconciler({ name: "t", clock, log }, async () => {
      throw new Error("no");
    });
    reconciler.add("k");
    await settle();
    timers[0]?.fire();
    await settle();
    expect(timers.map(({ delayMs }) => delayMs)).toEqual([100, 200]);
  });

  it("does nothing after it was stopped", async () => {
    const { clock, pending } = handClock();
    let rounds = 0;
    const reconciler = new Reconciler({ name: "t", clock, log }, async () => {
      rounds += 1;
      return { atMs: 1_000 };
    });
    reconciler.add("k");
    await settle();
    reconciler.stop();
    reconciler.add("k");
    await settle();
    expect({ rounds, pending: pending().length }).toEqual({ rounds: 1, pending: 0 });
  });
});
