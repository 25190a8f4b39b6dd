/** Tables for what machines hold, and for the machines that come. */
import { describe, expect, it } from "vitest";
import { MINUTE_MS, SECOND_MS } from "#base/units.ts";
import { bootMsOf, comingSeats, followComing, withoutPending } from "./coming-machines.ts";
import { countSeats } from "./count-seats.ts";
import { dueBookings } from "./due-bookings.ts";
import { capacityOf, nodeOf } from "./machines-in-tests.ts";

const counted = { isBarredNodeCounted: false };

describe("countSeats", () => {
  it.each([
    [
      "a machine with people",
      [nodeOf("a", { sessions: 3 })],
      {},
      { now: 10, free: 7, used: 3, barred: [] },
    ],
    [
      "a quarantined machine",
      [nodeOf("a"), nodeOf("b", { bars: ["quarantined"], sessions: 9 })],
      {},
      { now: 10, free: 10, used: 0, barred: ["b"] },
    ],
    [
      "a machine that is not ready",
      [nodeOf("a", { isReady: false })],
      {},
      { now: 0, barred: ["a"] },
    ],
    ["an unproven machine", [nodeOf("a", { bars: ["unproven"] })], {}, { now: 0, barred: ["a"] }],
    ["no machine at all", [], { nodesMax: 3 }, { now: 0, coming: 0, possible: 30 }],
    [
      "machines that come",
      [nodeOf("a")],
      { nodesMax: 5, nodesComing: 2 },
      { coming: 20, possible: 20 },
    ],
    [
      "more than the maximum",
      [nodeOf("a"), nodeOf("b")],
      { nodesMax: 1 },
      { now: 20, possible: 0 },
    ],
    [
      "a barred machine stands in the way of another",
      [nodeOf("a", { bars: ["cordoned"] })],
      { nodesMax: 1 },
      { now: 0, possible: 0 },
    ],
  ] as const)("%s", (_, nodes, capacity, expected) => {
    expect(countSeats(nodes, capacityOf(capacity), counted)).toMatchObject(expected);
  });

  it("counts barred machines only without the protection", () => {
    const nodes = [nodeOf("a", { bars: ["quarantined"], sessions: 4 })];
    const seats = countSeats(nodes, capacityOf(), { isBarredNodeCounted: true });
    expect(seats).toMatchObject({ now: 10, used: 4, barred: [] });
  });
});

describe("followComing", () => {
  it.each([
    [[], 2, [100, 100]],
    [[10], 2, [10, 100]],
    [[10, 20], 1, [20]],
    [[10, 20], 0, []],
  ])("%j with %i that come is %j", (since, coming, expected) => {
    expect(followComing(since, coming, 100)).toEqual(expected);
  });
});

const boot = {
  nodeBootGuessMs: 4 * MINUTE_MS,
  nodeGateProbes: 3,
  nodeProbeIntervalMs: 5 * SECOND_MS,
  capacityIntervalMs: 5 * SECOND_MS,
};

describe("comingSeats", () => {
  it("believes what was seen, and guesses before", () => {
    expect(bootMsOf({ nodeBootMs: null }, boot)).toBe(255 * SECOND_MS);
    expect(bootMsOf({ nodeBootMs: 60_000 }, boot)).toBe(75 * SECOND_MS);
  });

  it("counts machines that are proven, that come, and that can be made, soonest first", () => {
    const nodes = [nodeOf("a"), nodeOf("b", { bars: ["unproven"], createdAtMs: -5_000 })];
    const capacity = capacityOf({ nodesMax: 4, nodesComing: 1, nodeBootMs: 100_000 });
    expect(comingSeats(nodes, () => false, capacity, [-30_000], boot, 0)).toEqual([
      { atMs: 10_000, seats: 10 },
      { atMs: 85_000, seats: 10 },
      { atMs: 125_000, seats: 10 },
    ]);
  });

  it.each([
    ["is put aside", { bars: ["unproven", "quarantined"] }],
    ["was never proven", { bars: ["unproven"], createdAtMs: -5 * MINUTE_MS }],
    ["is not ready", { bars: ["unproven"], isReady: false }],
  ] as const)("does not count a machine that %s", (_, over) => {
    expect(comingSeats([nodeOf("a", over)], () => false, capacityOf(), [], boot, 0)).toEqual([]);
  });

  it("leaves the first seats to sessions that have no room yet", () => {
    const coming = [
      { atMs: 1, seats: 10 },
      { atMs: 2, seats: 10 },
    ];
    expect(withoutPending(coming, 13).map(({ seats }) => seats)).toEqual([0, 7]);
    expect(withoutPending(coming, 99).map(({ seats }) => seats)).toEqual([0, 0]);
  });
});

describe("dueBookings", () => {
  const booking = { repo: "r", seats: 100, fromMs: 1_000, untilMs: 2_000 };
  it.each([
    ["long before", 699, 0, 0],
    ["in time", 700, 0, 100],
    ["while people come", 1_500, 40, 60],
    ["when all are there", 1_500, 120, 0],
    ["after its end", 2_000, 0, 0],
  ])("%s", (_, nowMs, held, expected) => {
    expect(dueBookings([booking], () => held, 300, nowMs)).toBe(expected);
  });
});
