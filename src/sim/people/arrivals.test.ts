/** People come as often as a drill says, and for the repositories that it names. */
import { describe, expect, it } from "vitest";
import { Prng } from "#base/prng.ts";
import { HOUR_MS, MINUTE_MS } from "#base/units.ts";
import type { Arrivals } from "../drill/drill.ts";
import { VirtualClock } from "../world/virtual-clock.ts";
import { rateAt, repoChooser, scheduleArrivals } from "./arrivals.ts";

const MANNERS = { length: null, polling: null, patienceMs: 0, retries: 0, isWatching: false };
const REPOS = [{ repo: "r", share: 1, zipf: null }];

async function arrivalsOf(when: Arrivals["when"], forMs: number): Promise<readonly number[]> {
  const clock = new VirtualClock();
  const atMs: number[] = [];
  const given = { clock, prng: new Prng("arrivals"), untilMs: forMs };
  scheduleArrivals({ ...MANNERS, when, repos: REPOS }, given, () => atMs.push(clock.nowMs()));
  await clock.run(forMs);
  return atMs;
}

describe("rateAt", () => {
  const points = [
    { atMs: 0, perHour: 20 },
    { atMs: 10, perHour: 70 },
    { atMs: 10, perHour: 10 },
  ];
  it.each([
    ["at the first point", 0, 20],
    ["between two points", 5, 45],
    ["after a step", 10, 10],
    ["after the last point", 99, 10],
  ])("%s", (_, atMs, perHour) => {
    expect(rateAt(points, atMs)).toBe(perHour);
  });
});

describe("scheduleArrivals", () => {
  it("brings as many as the rate says, give or take chance", async () => {
    const points = [
      { atMs: 0, perHour: 0 },
      { atMs: 10 * HOUR_MS, perHour: 200 },
    ];
    const atMs = await arrivalsOf({ kind: "rate", points }, 10 * HOUR_MS);
    expect(Math.abs(atMs.length - 1_000)).toBeLessThan(120);
    const inFirstHalf = atMs.filter((ms) => ms < 5 * HOUR_MS).length;
    expect(Math.abs(inFirstHalf - 250)).toBeLessThan(80);
  });

  it("brings exactly as many in each span as the rate says when they are counted", async () => {
    const points = [
      { atMs: 0, perHour: 20 },
      { atMs: 2 * HOUR_MS, perHour: 60 },
    ];
    const when = { kind: "rate", points, countedPerMs: HOUR_MS } as const;
    const atMs = await arrivalsOf(when, 3 * HOUR_MS);
    const inHour = (hour: number) => atMs.filter((ms) => Math.floor(ms / HOUR_MS) === hour).length;
    expect([inHour(0), inHour(1), inHour(2)]).toEqual([30, 50, 60]);
  });

  it("brings exactly as many as a burst has, within its time", async () => {
    const burst = { kind: "burst", people: 30, atMs: MINUTE_MS, withinMs: 1_000 } as const;
    const atMs = await arrivalsOf(burst, HOUR_MS);
    expect(atMs).toHaveLength(30);
    expect(atMs.every((ms) => ms >= MINUTE_MS && ms < MINUTE_MS + 1_000)).toBe(true);
  });

  it("brings nobody where the rate is nothing", async () => {
    const none = await arrivalsOf({ kind: "rate", points: [{ atMs: 0, perHour: 0 }] }, HOUR_MS);
    expect(none).toEqual([]);
  });
});

describe("repoChooser", () => {
  it("draws by shares, and the first of many names far more often than the last", () => {
    const repos = [
      { repo: "viral", share: 0.6, zipf: null },
      { repo: "rest", share: 0.4, zipf: 100 },
    ];
    const choose = repoChooser(repos, new Prng("repos"));
    const counts = new Map<string, number>();
    for (let n = 0; n < 5_000; n += 1) {
      const name = choose();
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    expect(Math.abs((counts.get("viral") ?? 0) - 3_000)).toBeLessThan(200);
    expect(counts.get("rest-1") ?? 0).toBeGreaterThan(10 * (counts.get("rest-100") ?? 0));
    expect([...counts.keys()].every((name) => /^(viral|rest-\d+)$/.test(name))).toBe(true);
  });
});
