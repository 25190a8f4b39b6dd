/** Launches on machines that fail: tried elsewhere, raced, waited for, and counted once. */
import { describe, expect, it } from "vitest";
import { MINUTE_MS, SECOND_MS } from "#base/units.ts";
import type { SessionDriver } from "#ports/session-driver.ts";
import { bindery, causes, ID, started, submit } from "./bindery-in-tests.ts";

/** The build is over and the server begins to start. */
const BUILT_MS = 3 * SECOND_MS;
describe("a launch on a machine that cannot be reached", () => {
  it("is ready on another one within 20 s, and leaves nothing behind", async () => {
    const { clock, nodes, plane, world } = await started();
    nodes.unreachable.add("a");
    const events = submit(plane);
    await clock.run(BUILT_MS + 20 * SECOND_MS);
    const result = events.at(-1)?.result;
    expect(nodes.placed.get(result?.sessionId ?? "")).toBe("b");
    expect(nodes.asked.map(({ avoidNodes }) => avoidNodes)).toEqual([[], ["a"]]);
    expect([...world.sessions.keys()]).toEqual([result?.sessionId]);
    expect(plane.launches.get(ID)?.attempts).toBe(2);
    const { launches, seats } = await plane.operations.status();
    expect(launches).toMatchObject({ asked: 1, ready: 1, readyFirstTry: 0, underWay: 0 });
    expect(seats.used).toBe(1);
    expect(world.history).toContainEqual(expect.objectContaining({ kind: "launch", attempts: 2 }));
  });

  it("gives its place up first where no seat is left for two", async () => {
    const { clock, nodes, plane, world } = await started({ sessionsMax: 1 });
    nodes.unreachable.add("a");
    const events = submit(plane);
    let most = 0;
    for (let step = 0; step < 30; step += 1) {
      await clock.run(SECOND_MS);
      most = Math.max(most, world.sessions.size);
    }
    expect(events.at(-1)?.phase).toBe("ready");
    expect(most).toBe(1);
  });

  it("is not tried elsewhere without the protection, and its failure says whose fault it is", async () => {
    const { clock, nodes, plane, world } = await started({ launchAttemptsMax: 1 });
    nodes.unreachable.add("a");
    const events = submit(plane);
    await clock.run(2 * MINUTE_MS);
    expect(events.at(-1)?.failure).toMatchObject({
      code: "session-start-timeout",
      fault: "platform",
    });
    expect(world.sessions.size).toBe(0);
  });

  it("is not counted as a first try, and one on a good machine is", async () => {
    const { clock, plane } = await started();
    submit(plane);
    await clock.run(20 * SECOND_MS);
    const { launches } = await plane.operations.status();
    expect(launches).toMatchObject({ ready: 1, readyFirstTry: 1, longestSilenceMs: 0 });
  });
});

describe("a launch whose machine fails while it starts", () => {
  it("is on another one at once", async () => {
    const { clock, nodes, plane, world } = await started();
    const events = submit(plane);
    await clock.run(BUILT_MS - SECOND_MS / 2);
    const [first = ""] = world.sessions.keys();
    const session = world.sessions.get(first);
    if (session !== undefined) {
      const state = { kind: "ended", end: "node-failed", exitCode: null } as const;
      world.sessions.set(first, { ...session, state });
    }
    await clock.run(8 * SECOND_MS);
    expect(events.at(-1)?.phase).toBe("ready");
    expect(nodes.asked.at(-1)?.avoidNodes).toEqual(["a"]);
  });
});

describe("a launch that no machine has room for", () => {
  it("waits from then on, is told so, and goes on when there is room", async () => {
    const { clock, nodes, plane, world } = await started();
    nodes.isFull = true;
    const events = submit(plane);
    await clock.run(5 * MINUTE_MS);
    expect(events.at(-1)).toMatchObject({ phase: "queued", queue: { position: 1 } });
    const [id = ""] = world.sessions.keys();
    nodes.place(id);
    const session = world.sessions.get(id);
    if (session !== undefined) world.sessions.set(id, { ...session, state: { kind: "running" } });
    nodes.isFull = false;
    await clock.run(30 * SECOND_MS);
    expect(plane.launches.get(ID)?.attempts).toBeLessThanOrEqual(2);
    expect(events.at(-1)?.phase).toBe("ready");
  });

  it("ends by the limit for that, and holds nothing", async () => {
    const { clock, nodes, plane, world } = await started();
    nodes.isFull = true;
    const events = submit(plane);
    await clock.run(9 * MINUTE_MS);
    expect(events.at(-1)?.phase).toBe("queued");
    await clock.run(2 * MINUTE_MS);
    expect(events.at(-1)?.failure).toMatchObject({ code: "no-capacity", fault: "limits" });
    expect(world.sessions.size).toBe(0);
    expect(plane.limits().sessions.used).toBe(0);
  });
});

describe("while the cluster's API refuses", () => {
  it("launches wait and are served once afterwards, each with one session", async () => {
    const { clock, nodes, plane, world } = await started();
    await clock.run(MINUTE_MS);
    nodes.isRefusing = true;
    const events = submit(plane);
    await clock.run(MINUTE_MS);
    expect(await causes(plane)).toContain("cluster-api-unreachable");
    expect(events.at(-1)?.phase).toBe("launching");
    nodes.isRefusing = false;
    await clock.run(30 * SECOND_MS);
    expect(events.at(-1)?.phase).toBe("ready");
    expect(world.sessions.size).toBe(1);
    expect(plane.launches.get(ID)?.attempts).toBe(1);
    expect(await causes(plane)).not.toContain("cluster-api-unreachable");
  });
});

describe("after a restart", () => {
  it("of two servers of one launch one is kept", async () => {
    const { clock, nodes, plane, world } = await started();
    nodes.unreachable.add("a");
    submit(plane);
    await clock.run(BUILT_MS + 14.5 * SECOND_MS);
    expect(world.sessions.size).toBe(2);
    await plane.stop();
    const next = bindery(nodes, {});
    await next.start();
    const events = submit(next);
    await clock.run(10 * SECOND_MS);
    const id = events.at(-1)?.result?.sessionId ?? "";
    expect(nodes.placed.get(id)).toBe("b");
    expect([...world.sessions.keys()]).toEqual([id]);
  });

  it("a server that nobody asks for any more is ended", async () => {
    const { clock, nodes, plane, world } = await started();
    submit(plane);
    await clock.run(BUILT_MS - SECOND_MS / 2);
    await plane.stop();
    expect(world.sessions.size).toBe(1);
    await bindery(nodes, {}).start();
    await clock.run(3 * MINUTE_MS);
    expect(world.sessions.size).toBe(0);
  });
});

describe("launches that ended", () => {
  it("are forgotten in their order when there are too many", async () => {
    const { clock, plane } = await started({ launchesKeptMax: 3 });
    for (let n = 10; n < 16; n += 1) {
      submit(plane, `launch-00000000000000${n}`);
      await clock.run(20 * SECOND_MS);
    }
    const left = plane.launches.list().map(({ id }) => id.slice(-2));
    expect(left).toEqual(["13", "14", "15"]);
  });

  it("free the place of their client", async () => {
    const { clock, plane } = await started({ launchesPerClientMax: 1 });
    const wish = (id: string) => ({
      id,
      repo: { provider: "git" as const, spec: "r", url: "https://host.example/r", ref: null },
      buildOnly: false,
      clientAddress: "192.0.2.1",
      isCanary: false,
    });
    expect(plane.launches.submit(wish(ID)).kind).toBe("accepted");
    expect(plane.launches.submit(wish(`${ID}2`)).kind).toBe("refused");
    plane.launches.cancel(ID);
    await clock.run(20 * SECOND_MS);
    expect(plane.launches.submit(wish(`${ID}2`)).kind).toBe("accepted");
    const { launches } = await plane.operations.status();
    expect(launches).toMatchObject({ asked: 3, refused: 1, failedOtherwise: 1, underWay: 1 });
  });
});

describe("a launch whose control plane ends", () => {
  it("is one session although what was asked for before that comes later", async () => {
    const { clock, nodes, plane, world } = await started();
    await plane.stop();
    const start: SessionDriver["start"] = async (request) => {
      await clock.sleep(6 * SECOND_MS);
      await nodes.ports.driver.start(request);
    };
    const first = bindery(nodes, {}, { driver: { ...nodes.ports.driver, start } });
    await first.start();
    submit(first);
    await clock.run(BUILT_MS);
    await first.stop();
    expect(world.sessions.size).toBe(0);
    const next = bindery(nodes, {});
    await next.start();
    const events = submit(next);
    await clock.run(2 * SECOND_MS);
    expect([events.at(-1)?.phase, world.sessions.size]).toEqual(["ready", 1]);
    await clock.run(10 * SECOND_MS);
    expect([nodes.asked.length, world.sessions.size]).toEqual([2, 1]);
  });
});
