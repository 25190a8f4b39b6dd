/** Capacity: machines are wanted before seats run out, spared ones are drained, and limits foretold. */
import { describe, expect, it } from "vitest";
import { MINUTE_MS, SECOND_MS } from "#base/units.ts";
import { BOOT_MS, SEATS, Site } from "./capacity-in-tests.ts";

const quiet = { canarySeats: 0, placeholdersMin: 2, nodeGateProbes: 0 };

describe("placeholders", () => {
  it("bring a machine before seats run out, so that nobody waits", async () => {
    const site = new Site(1, quiet);
    await site.run(MINUTE_MS);
    let waitedMost = 0;
    for (let minute = 0; minute < 30; minute += 1) {
      site.arrive(1);
      await site.run(MINUTE_MS);
      waitedMost = Math.max(waitedMost, site.seats.waiting);
    }
    expect(waitedMost).toBe(0);
    expect(site.nodes.length).toBeGreaterThanOrEqual(4);
    expect(site.capacity.view()?.explained.at(-1)?.text).toMatch(/seats free; .* arrivals\/min/);
  });

  it("missing, people without room make the cluster grow, and nobody waits in our queue", async () => {
    const site = new Site(1, { ...quiet, placeholdersMax: 0, placeholdersMin: 0 });
    await site.run(MINUTE_MS);
    site.arrive(30);
    await site.run(MINUTE_MS);
    expect(site.seats.waiting).toBe(0);
    expect(site.sessions.size).toBe(30);
    expect(site.wanted).toBe(0);
  });

  it("serve a crowd at once with an honest wait, and within the budget for those to come", async () => {
    const site = new Site(3, { ...quiet, placeholdersMax: 10 });
    await site.run(MINUTE_MS);
    site.arrive(25);
    await site.run(10 * SECOND_MS);
    const crowd = site.arrive(20);
    const last = site.seats.of(crowd.at(-1) ?? "");
    expect(last).toMatchObject({ kind: "waiting", because: "a new machine is being started" });
    await site.run(BOOT_MS + 30 * SECOND_MS);
    expect(site.seats.waiting).toBe(0);
    expect(site.seats.waitErrorMedian).toBeLessThan(0.1);
    // 45 people and 10 who might come.
    expect(site.nodes.length + site.coming).toBe(6);
  });

  it("are prepared for a booking in time, and not earlier", async () => {
    const site = new Site(2, quiet);
    const nowMs = site.clock.nowMs();
    const fromMs = nowMs + 30 * MINUTE_MS;
    site.bookings.push({ repo: "r", seats: 50, fromMs, untilMs: fromMs + 60 * MINUTE_MS });
    await site.run(23 * MINUTE_MS);
    expect(site.nodes.length + site.coming).toBe(2);
    await site.run(7 * MINUTE_MS);
    expect(site.nodes).toHaveLength(6);
    site.arrive(50);
    expect(site.seats.waiting).toBe(0);
  });

  it("are set anew when a machine takes nobody any more: what stands there holds no seat", async () => {
    const site = new Site(3, quiet);
    await site.run(MINUTE_MS);
    expect(site.timesSet).toBe(1);
    site.bars.set("n1", ["quarantined"]);
    await site.run(MINUTE_MS);
    expect(site.timesSet).toBe(2);
    site.bars.delete("n1");
    await site.run(MINUTE_MS);
    expect(site.timesSet).toBe(3);
  });

  it("of a new machine are told with the time that the copy of an environment takes", async () => {
    const waitWith = async (pullMs: number, prefetchMax: number) => {
      const site = new Site(1, { ...quiet, nodeGateProbes: 3, prefetchMax });
      site.pullMs = pullMs;
      await site.run(MINUTE_MS);
      const seat = site.seats.of(site.arrive(SEATS + 2).at(-1) ?? "");
      return seat.kind === "waiting" ? seat.waitMs : null;
    };
    const withoutMs = (await waitWith(0, 0)) ?? 0;
    expect(await waitWith(90_000, 0)).toBe(withoutMs + 90_000);
    // It begins when the machine joins, and 15 s later it is proven.
    expect(await waitWith(90_000, 5)).toBe(withoutMs + 75_000);
    expect(await waitWith(10_000, 5)).toBe(withoutMs);
  });

  it("are never fewer than a person wants", async () => {
    const site = new Site(2, quiet);
    await site.run(MINUTE_MS);
    site.capacity.keepPlaceholders(15);
    await site.run(10 * MINUTE_MS);
    expect(site.wanted).toBe(15);
    site.capacity.keepPlaceholders(0);
    await site.run(10 * MINUTE_MS);
    expect(site.wanted).toBe(2);
  });

  it("give way to people when no machine can be added, which is found and told", async () => {
    const site = new Site(2, quiet);
    site.nodesMax = 2;
    await site.run(MINUTE_MS);
    expect(site.wanted).toBe(2);
    site.arrive(25);
    await site.run(2 * MINUTE_MS);
    expect(site.wanted).toBe(0);
    expect(site.seats.waiting).toBe(5);
    expect(site.sessions.size).toBe(20);
    expect(site.capacity.findings()).toMatchObject([
      { cause: "capacity-exhausted", subject: { name: "nodesMax" }, severity: "act" },
    ]);
    site.leave(10);
    await site.run(10 * SECOND_MS);
    expect(site.capacity.findings()).toEqual([]);
  });
});

describe("machines", () => {
  it("are drained when they are not needed, one at a time, and taken back when they are", async () => {
    const site = new Site(4, { ...quiet, nodesMin: 1 });
    site.arrive(12);
    await site.run(11 * MINUTE_MS);
    expect(site.commands).toEqual([{ kind: "drain-node", node: "n2" }]);
    expect(site.capacity.view()?.explained.at(-1)?.text).toContain("n2 has 0");
    site.arrive(19);
    await site.run(10 * SECOND_MS);
    expect(site.commands.at(-1)).toEqual({ kind: "uncordon-node", node: "n2" });
    expect(site.seats.waiting).toBe(0);
  });

  it("are allowed to be more, within the budget, when people wait for them", async () => {
    const site = new Site(2, { ...quiet, nodesMaxBudget: 4 });
    site.nodesMax = 2;
    await site.run(MINUTE_MS);
    site.arrive(40);
    await site.run(MINUTE_MS);
    expect(site.commands).toEqual([{ kind: "set-nodes-max", nodesMax: 4 }]);
    await site.run(BOOT_MS);
    expect(site.sessions.size).toBe(40);
  });

  it("that cannot be asked change nothing that is known", async () => {
    const site = new Site(2, quiet);
    await site.run(MINUTE_MS);
    site.isDown = true;
    await site.run(MINUTE_MS);
    site.arrive(25);
    expect(site.sessions.size).toBe(20);
    expect(site.seats.waiting).toBe(5);
  });
});

describe("a forecast", () => {
  it("names the limit that will be hit, and a steady day has none", async () => {
    const site = new Site(3, { ...quiet, sessionsMax: 60 });
    await site.run(20 * MINUTE_MS);
    expect(site.capacity.findings()).toEqual([]);
    for (let minute = 0; minute < 25; minute += 1) {
      site.arrive(2);
      await site.run(MINUTE_MS);
    }
    expect(site.capacity.findings()).toMatchObject([
      { cause: "capacity-forecast", subject: { name: "sessionsMax" }, severity: "note" },
    ]);
  });
});
