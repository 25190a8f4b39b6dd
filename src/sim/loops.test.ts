/** Loops come round, and one that stalls is restarted alone. */
import { describe, expect, it } from "vitest";
import { VirtualClock } from "./world/virtual-clock.ts";
import { Loops } from "#base/loops.ts";

const silent = () => undefined;
const log = { debug: silent, info: silent, warn: silent, error: silent };

describe("Loops", () => {
  it("restarts alone the loop that made no progress within its lease, and disbelieves its late round", async () => {
    const clock = new VirtualClock();
    const loops = new Loops({ clock, log, leaseMs: 1_000 });
    const believed: boolean[] = [];
    let wakeUp = silent as () => void;
    let rounds = 0;
    let others = 0;
    loops.start({
      name: "hangs-once",
      intervalMs: 100,
      round: async (isCurrent) => {
        rounds += 1;
        if (rounds === 1) await new Promise<void>((resolve) => (wakeUp = resolve));
        believed.push(isCurrent());
      },
    });
    loops.start({ name: "other", intervalMs: 100, round: async () => void (others += 1) });
    await clock.run(900);
    expect(rounds).toBe(1);
    await clock.run(1_000);
    wakeUp();
    await clock.run(100);
    expect(rounds).toBeGreaterThan(1);
    expect(others).toBe(21);
    expect(believed.filter((value) => !value)).toHaveLength(1);
    expect(loops.view().map(({ name, restarts }) => [name, restarts])).toEqual([
      ["hangs-once", 1],
      ["other", 0],
    ]);
  });

  it("goes on after a round that failed", async () => {
    const clock = new VirtualClock();
    const loops = new Loops({ clock, log, leaseMs: 1_000 });
    let rounds = 0;
    loops.start({
      name: "fails",
      intervalMs: 100,
      round: async () => {
        rounds += 1;
        throw new Error("no");
      },
    });
    await clock.run(1_000);
    expect(rounds).toBe(11);
  });

  it("hurries: a round now, or right after the one that runs", async () => {
    const clock = new VirtualClock();
    const loops = new Loops({ clock, log, leaseMs: 10_000 });
    const at: number[] = [];
    loops.start({
      name: "slow",
      intervalMs: 1_000,
      round: async () => {
        at.push(clock.nowMs());
        await clock.sleep(50);
      },
    });
    await clock.run(10);
    loops.hurry("slow");
    await clock.run(300);
    loops.hurry("slow");
    await clock.run(10);
    expect(at).toEqual([0, 50, 310]);
  });

  it("restarts a loop that is told to, and disbelieves the round that ran", async () => {
    const clock = new VirtualClock();
    const loops = new Loops({ clock, log, leaseMs: Number.POSITIVE_INFINITY });
    let rounds = 0;
    loops.start({
      name: "hangs-once",
      intervalMs: 100,
      round: async () => {
        rounds += 1;
        if (rounds === 1) await new Promise(() => undefined);
      },
    });
    await clock.run(100_000);
    expect(rounds).toBe(1);
    expect(loops.restart("hangs-once")).toBe(true);
    await clock.run(150);
    expect(rounds).toBe(3);
    expect(loops.restart("unknown")).toBe(false);
  });

  it("lets a loop have a longer lease than the others", async () => {
    const clock = new VirtualClock();
    const loops = new Loops({ clock, log, leaseMs: 1_000 });
    const round = async () => clock.sleep(5_000);
    loops.start({ name: "long", intervalMs: 100, leaseMs: 10_000, round });
    loops.start({ name: "short", intervalMs: 100, round });
    await clock.run(4_000);
    expect(loops.view().map(({ restarts }) => restarts > 0)).toEqual([false, true]);
  });
});
