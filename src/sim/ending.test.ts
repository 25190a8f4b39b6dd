/** Sessions end and are seen to be gone, whatever refuses, hangs, or says nothing. */
import { describe, expect, it } from "vitest";
import { MINUTE_MS, SECOND_MS } from "#base/units.ts";
import { causes, started, submit } from "./bindery-in-tests.ts";

type World = Awaited<ReturnType<typeof started>>;

/** So many sessions that run and that nobody uses. */
async function withSessions({ clock, plane, world }: World, count: number): Promise<string[]> {
  for (let n = 0; n < count; n += 1) submit(plane, `launch-0000000000000${100 + n}`);
  await clock.run(20 * SECOND_MS);
  return [...world.sessions.keys()];
}

const alive = ({ world }: World, ids: readonly string[]) =>
  ids.filter((id) => {
    const session = world.sessions.get(id);
    return session !== undefined && session.state.kind !== "ended";
  });

describe("a session that is stopped", () => {
  it("is stopped again until it is gone, and reported when that takes long", async () => {
    const world = await started();
    const { clock, nodes, plane } = world;
    const [id = ""] = await withSessions(world, 1);
    nodes.stubborn.set(id, "stays");
    await clock.run(11 * MINUTE_MS);
    expect(nodes.stops).toBeGreaterThan(1);
    await clock.run(MINUTE_MS);
    expect(await causes(plane)).toContain("sessions-orphaned");
    nodes.stubborn.clear();
    await clock.run(MINUTE_MS);
    expect(alive(world, [id])).toEqual([]);
    expect(await causes(plane)).not.toContain("sessions-orphaned");
  });

  it("is believed to be gone at once without the protection", async () => {
    const world = await started({ deleteVerifyMs: 0 });
    const { clock, nodes, plane } = world;
    const [id = ""] = await withSessions(world, 1);
    nodes.stubborn.set(id, "stays");
    await clock.run(11 * MINUTE_MS + 30 * SECOND_MS);
    expect(nodes.stops).toBe(1);
    expect(await causes(plane)).toEqual([]);
  });
});

describe("the culler", () => {
  it.each(["refuses", "hangs"] as const)("ends the others although one %s", async (how) => {
    const world = await started();
    const ids = await withSessions(world, 30);
    world.nodes.stubborn.set(ids[0] ?? "", how);
    await world.clock.run(12 * MINUTE_MS);
    expect(alive(world, ids)).toEqual([ids[0]]);
    const { loops } = await world.plane.operations.status();
    expect(loops.find(({ name }) => name === "culler")?.restarts).toBe(0);
  });

  it("is restarted when a question hangs, and then ends who does not answer", async () => {
    const world = await started();
    const ids = await withSessions(world, 5);
    world.nodes.hangsOn.add(ids[0] ?? "");
    await world.clock.run(14 * MINUTE_MS);
    expect(alive(world, ids)).toEqual([]);
    const { loops } = await world.plane.operations.status();
    expect(loops.find(({ name }) => name === "culler")?.restarts).toBe(1);
  });

  it("takes nobody for idle whose activity it cannot see", async () => {
    const world = await started();
    const ids = await withSessions(world, 3);
    const { driver } = world.world;
    const list = driver.list.bind(driver);
    Object.assign(driver, { list: () => Promise.reject(new Error("refused")) });
    await world.clock.run(20 * MINUTE_MS);
    expect(alive(world, ids)).toEqual(ids);
    Object.assign(driver, { list });
    await world.clock.run(2 * MINUTE_MS);
    expect(alive(world, ids)).toEqual([]);
  });

  it("stops so many in a second and no more", async () => {
    const world = await started({ cullStopsPerSecondMax: 5 });
    const ids = await withSessions(world, 40);
    let most = 0;
    for (let left = ids.length, step = 0; step < 800; step += 1) {
      await world.clock.run(SECOND_MS);
      const now = alive(world, ids).length;
      most = Math.max(most, left - now);
      left = now;
    }
    expect(alive(world, ids)).toEqual([]);
    expect(most).toBeLessThanOrEqual(5);
  });

  it("slows down when many stops are refused, and says so", async () => {
    const world = await started();
    const { clock, nodes, plane } = world;
    const ids = await withSessions(world, 40);
    for (const id of ids) nodes.stubborn.set(id, "refuses");
    await clock.run(11 * MINUTE_MS);
    expect(await causes(plane)).toContain("culler-flood");
    const before = nodes.stops;
    await clock.run(30 * SECOND_MS);
    expect(nodes.stops - before).toBeLessThanOrEqual(31);
    const { culler } = await plane.operations.status();
    expect(culler.refused).toBe(culler.asked);
    nodes.stubborn.clear();
    await clock.run(5 * MINUTE_MS);
    expect(alive(world, ids)).toEqual([]);
    expect(await causes(plane)).not.toContain("culler-flood");
  });

  it("that is switched off ends nothing, and what is too old is reported all the same", async () => {
    const world = await started({
      cullIntervalMs: Number.POSITIVE_INFINITY,
      sessionAgeMs: 20 * MINUTE_MS,
    });
    const ids = await withSessions(world, 2);
    await world.clock.run(21 * MINUTE_MS);
    expect(alive(world, ids)).toEqual(ids);
    expect(await causes(world.plane)).toEqual([]);
    await world.clock.run(3 * MINUTE_MS);
    expect(await causes(world.plane)).toContain("sessions-overdue");
  });
});

describe("the watch over sessions", () => {
  it("that freezes is found out by what the lists find, and asked for anew", async () => {
    const world = await started();
    const { clock, nodes, plane } = world;
    await clock.run(MINUTE_MS);
    nodes.isWatchFrozen = true;
    let foundAfterMs = 0;
    for (let step = 0; step < 12 && foundAfterMs === 0; step += 1) {
      submit(plane, `launch-0000000000000${100 + step}`);
      await clock.run(10 * SECOND_MS);
      if ((await causes(plane)).includes("watch-frozen"))
        foundAfterMs = (step + 1) * 10 * SECOND_MS;
    }
    expect(foundAfterMs).toBeGreaterThan(0);
    expect(foundAfterMs).toBeLessThanOrEqual(60 * SECOND_MS);
    expect(nodes.isWatchFrozen).toBe(false);
    await clock.run(2 * MINUTE_MS);
    expect(await causes(plane)).not.toContain("watch-frozen");
    const { launches } = await plane.operations.status();
    expect(launches.readyFirstTry).toBe(launches.asked);
  });

  it("that says nothing because nothing happens is left alone", async () => {
    const { clock, plane } = await started();
    for (let step = 0; step < 60; step += 1) {
      await clock.run(MINUTE_MS);
      expect(await causes(plane)).toEqual([]);
    }
  });

  it("is found to be unreachable when a list does not come back", async () => {
    const { clock, plane, world } = await started();
    world.listHangs = true;
    await clock.run(40 * SECOND_MS);
    expect(await causes(plane)).toContain("cluster-api-unreachable");
    world.listHangs = false;
    await clock.run(2 * MINUTE_MS);
    expect(await causes(plane)).toEqual([]);
  });

  it("is never doubted without the protection", async () => {
    const { clock, nodes, plane } = await started({ watchAgeMaxMs: 0 });
    nodes.isWatchFrozen = true;
    for (let step = 0; step < 12; step += 1) {
      submit(plane, `launch-0000000000000${100 + step}`);
      await clock.run(10 * SECOND_MS);
    }
    expect(nodes.isWatchFrozen).toBe(true);
    expect(await causes(plane)).not.toContain("watch-frozen");
  });
});
