/** Leaders in a pretend world: never two, whatever fails, and soon one again. */
import { describe, expect, it } from "vitest";
import { Prng } from "#base/prng.ts";
import { MINUTE_MS, SECOND_MS } from "#base/units.ts";
import { PretendLeaseStore } from "#sim/world/lease-store.ts";
import { VirtualClock } from "#sim/world/virtual-clock.ts";
import { Leader } from "./leader.ts";

const silent = () => undefined;
const LOG = { debug: silent, info: silent, warn: silent, error: silent };

class Peers {
  readonly clock = new VirtualClock();
  readonly prng: Prng;
  readonly store: PretendLeaseStore;
  readonly leaders = new Map<string, Leader>();
  readonly leading = new Set<string>();
  readonly terms: number[] = [];
  most = 0;

  constructor(seed: number, count: number, leaderLeaseMs = 15 * SECOND_MS) {
    this.prng = new Prng(`leaders/${seed}`);
    this.store = new PretendLeaseStore({ clock: this.clock, prng: this.prng });
    for (let n = 1; n <= count; n += 1) this.add(`c${n}`, leaderLeaseMs);
  }

  add(me: string, leaderLeaseMs = 15 * SECOND_MS): void {
    const leader = new Leader({
      ...{ lease: this.store.as(me), clock: this.clock, log: LOG, me },
      policy: { leaderLeaseMs },
      onLead: (term) => {
        this.terms.push(term);
        this.leading.add(me);
        this.most = Math.max(this.most, this.leading.size);
      },
      onStepDown: () => void this.leading.delete(me),
    });
    this.leaders.set(me, leader);
    leader.start();
  }

  get leader(): string {
    return [...this.leading].join(" and ");
  }

  of(me: string): Leader {
    const leader = this.leaders.get(me);
    if (leader === undefined) throw new Error(`no ${me}`);
    return leader;
  }
}

describe("Leader", () => {
  it("is one of three, and stays", async () => {
    const peers = new Peers(1, 3);
    await peers.clock.run(10 * MINUTE_MS);
    expect(peers.leader).toMatch(/^c[123]$/);
    expect(peers.terms).toEqual([1]);
  });

  it("is followed within seconds when it is stopped, and within 25 s when it is gone", async () => {
    const peers = new Peers(1, 2);
    await peers.clock.run(MINUTE_MS);
    const first = peers.leader;
    const stopped = peers.of(first).stop();
    await peers.clock.run(6 * SECOND_MS);
    await stopped;
    const second = peers.leader;
    expect([first, second].sort()).toEqual(["c1", "c2"]);
    peers.add("c3");
    await peers.clock.run(MINUTE_MS);
    peers.of(second).crash();
    peers.leading.delete(second);
    await peers.clock.run(25 * SECOND_MS);
    expect(peers.leader).toBe("c3");
    expect(peers.terms).toEqual([1, 2, 3]);
  });

  it("stops deciding before another begins when it is cut off", async () => {
    const peers = new Peers(2, 2);
    await peers.clock.run(MINUTE_MS);
    const first = peers.leader;
    peers.store.cutOff(first, true);
    await peers.clock.run(30 * SECOND_MS);
    expect(peers.leader).toMatch(/^c[12]$/);
    expect(peers.leader).not.toBe(first);
    expect(peers.most).toBe(1);
  });

  it("is nobody while the store is down, and one soon after", async () => {
    const peers = new Peers(3, 2);
    await peers.clock.run(MINUTE_MS);
    peers.store.setDown(true);
    await peers.clock.run(15 * SECOND_MS);
    expect(peers.leader).toBe("");
    peers.store.setDown(false);
    await peers.clock.run(20 * SECOND_MS);
    expect(peers.leader).toMatch(/^c[12]$/);
  });

  it("is never followed when that is switched off", async () => {
    const peers = new Peers(1, 2, Number.POSITIVE_INFINITY);
    await peers.clock.run(MINUTE_MS);
    const first = peers.leader;
    peers.of(first).crash();
    peers.leading.delete(first);
    await peers.clock.run(60 * MINUTE_MS);
    expect(peers.leader).toBe("");
  });

  it.each(Array.from({ length: 50 }, (_, n) => n + 1))("is never two: seed %d", async (seed) => {
    const peers = new Peers(seed, 3);
    const faults = peers.prng.fork("faults");
    for (let n = 0; n < 60; n += 1) {
      await peers.clock.run(faults.integer(1, 20_000));
      if (faults.fraction() < 0.2) peers.store.setDown(faults.fraction() < 0.5);
      else peers.store.cutOff(faults.pick(["c1", "c2", "c3"]), faults.fraction() < 0.5);
      expect(peers.leading.size).toBeLessThanOrEqual(1);
    }
    peers.store.setDown(false);
    for (const me of ["c1", "c2", "c3"]) peers.store.cutOff(me, false);
    await peers.clock.run(MINUTE_MS);
    expect(peers.leading.size).toBe(1);
    expect(peers.most).toBe(1);
    expect(peers.terms).toEqual([...new Set(peers.terms)].sort((a, b) => a - b));
  });
});
