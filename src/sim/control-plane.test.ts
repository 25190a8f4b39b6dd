/** The real control plane in the pretend world: what a person sees, and what must never happen. */
import { describe, expect, it } from "vitest";
import { MINUTE_MS, SECOND_MS } from "#base/units.ts";
import type { ControlPlane } from "#control/control-plane-api.ts";
import { createControlPlane } from "#control/control-plane.ts";
import type { LaunchEvent } from "#core/launch/launch.ts";
import { DEFAULT_POLICY, type Policy } from "#core/policy.ts";
import { PretendWorld } from "./pretend-world.ts";
import { VirtualClock } from "./world/virtual-clock.ts";

const silent = () => undefined;
const log = { debug: silent, info: silent, warn: silent, error: silent };

function bindery(world: PretendWorld, over: Partial<Policy> = {}): ControlPlane {
  const policy = { ...DEFAULT_POLICY, ...over };
  const ports = { ...world.ports, clock: world.clock, log };
  return createControlPlane(ports, {
    policy,
    publicUrl: "http://bindery.example/",
    planOptions: {
      platform: "linux-x86_64",
      pythons: ["3.12.0"],
      genericServer: { jupyterlab: "4.4.0" },
      maxConfigFileBytes: policy.maxConfigFileBytes,
    },
  });
}

function submit(plane: ControlPlane, id: string, repo = "r"): LaunchEvent[] {
  const events: LaunchEvent[] = [];
  const outcome = plane.launches.submit({
    id,
    repo: { provider: "git", spec: repo, url: `https://host.example/${repo}`, ref: null },
    buildOnly: false,
    clientAddress: null,
    isCanary: false,
  });
  expect(outcome.kind).toBe("accepted");
  plane.launches.watch(id, 0, (event) => events.push(event));
  return events;
}

const phases = (events: LaunchEvent[]) => events.map(({ phase }) => phase);
const seated = (world: PretendWorld) =>
  [...world.sessions.values()].filter(
    ({ record, state }) => record.purpose !== null && state.kind !== "ended",
  ).length;

async function started(over: Partial<Policy> = {}) {
  const clock = new VirtualClock(1_000_000);
  const world = new PretendWorld(clock);
  const plane = bindery(world, over);
  await plane.start();
  return { clock, world, plane };
}

describe("a launch", () => {
  it("goes through its phases to ready, with numbers without gaps", async () => {
    const { clock, plane } = await started();
    const events = submit(plane, "launch-0000000000000001");
    await clock.run(10 * SECOND_MS);
    expect([...new Set(phases(events))]).toEqual([
      "waiting",
      "building",
      "built",
      "launching",
      "ready",
    ]);
    expect(events.map(({ number }) => number)).toEqual(events.map((_, index) => index + 1));
    expect(events.at(-1)?.result?.path).toMatch(/^\/user\/.+\/$/);
  });

  it("of a known environment builds nothing and takes the warm server", async () => {
    const { clock, plane, world } = await started();
    submit(plane, "launch-0000000000000001");
    await clock.run(30 * SECOND_MS);
    const warm = [...world.sessions.values()].find(({ record }) => record.purpose === null);
    const events = submit(plane, "launch-0000000000000002");
    await clock.run(SECOND_MS / 2);
    expect(phases(events)).toEqual(["waiting", "built", "launching", "ready"]);
    expect(events[1]?.isReused).toBe(true);
    expect(events.at(-1)?.result?.sessionId).toBe(warm?.record.id);
    expect(world.buildsStarted).toBe(1);
  });

  it("submitted twice is the same as once", async () => {
    const { clock, plane, world } = await started();
    submit(plane, "launch-0000000000000001");
    submit(plane, "launch-0000000000000001");
    await clock.run(10 * SECOND_MS);
    expect(seated(world)).toBe(1);
  });

  it("is refused when its id is in use for another wish", async () => {
    const { plane } = await started();
    submit(plane, "launch-0000000000000001", "one");
    const outcome = plane.launches.submit({
      id: "launch-0000000000000001",
      repo: { provider: "git", spec: "two", url: "https://host.example/two", ref: null },
      buildOnly: false,
      clientAddress: null,
      isCanary: false,
    });
    expect(outcome).toMatchObject({ kind: "refused", failure: { code: "launch-conflict" } });
  });

  it("replays to a watcher exactly what it has not seen", async () => {
    const { clock, plane } = await started();
    const all = submit(plane, "launch-0000000000000001");
    await clock.run(10 * SECOND_MS);
    const late: LaunchEvent[] = [];
    plane.launches.watch("launch-0000000000000001", 3, (event) => late.push(event));
    expect(late).toEqual(all.slice(3));
  });

  it("finds its session again after the control plane was restarted, and starts no second one", async () => {
    const { clock, plane, world } = await started({ warmServersMax: 0 });
    const events = submit(plane, "launch-0000000000000001");
    await clock.run(2.5 * SECOND_MS);
    expect(phases(events).at(-1)).toBe("launching");
    await plane.stop();
    const next = bindery(world);
    await next.start();
    const again = submit(next, "launch-0000000000000001");
    await clock.run(10 * SECOND_MS);
    expect(phases(again)).toEqual(["ready"]);
    expect(seated(world)).toBe(1);
  });

  it("starts once more a server that does not answer in time, and stops the first", async () => {
    const { clock, plane, world } = await started({
      warmServersMax: 0,
      sessionStartTimeoutMs: 5_000,
    });
    world.startsToHang = 1;
    const events = submit(plane, "launch-0000000000000001");
    await clock.run(20 * SECOND_MS);
    expect(phases(events).slice(-3)).toEqual(["launching", "launching", "ready"]);
    expect(world.sessions.size).toBe(1);
  });

  it("fails at once when the server ends by itself: another try would end the same", async () => {
    const { clock, plane, world } = await started({ warmServersMax: 0 });
    world.startsToFail = 1;
    const events = submit(plane, "launch-0000000000000001");
    await clock.run(20 * SECOND_MS);
    expect(events.at(-1)?.failure).toMatchObject({ code: "session-exited", fault: "repository" });
    expect(seated(world)).toBe(0);
  });

  it("fails with a typed reason when its host is down, and holds no seat", async () => {
    const { clock, plane, world } = await started();
    world.brokenHosts.add("host.example");
    const events = submit(plane, "launch-0000000000000001");
    await clock.run(SECOND_MS);
    expect(events.at(-1)?.failure).toMatchObject({ code: "repo-unreachable", fault: "platform" });
    expect(plane.limits().sessions.used).toBe(0);
  });

  it("that nobody watches is given up after the grace, and its build is cancelled", async () => {
    const { clock, plane, world } = await started();
    plane.launches.submit({
      id: "launch-0000000000000001",
      repo: { provider: "git", spec: "r", url: "https://host.example/r", ref: null },
      buildOnly: false,
      clientAddress: null,
      isCanary: false,
    });
    await clock.run(2 * MINUTE_MS);
    const view = plane.launches.get("launch-0000000000000001");
    expect(view?.phase === "ready" || view?.failure?.code === "launch-cancelled").toBe(true);
    expect(world.buildsRunning).toBe(0);
  });
});

describe("limits", () => {
  it("hold under simultaneous launches: never one more, and the others wait in order", async () => {
    const { clock, plane, world } = await started({ sessionsMax: 10 });
    const launches = Array.from({ length: 50 }, (_, i) =>
      submit(plane, `launch-00000000000000${i + 10}`),
    );
    let most = 0;
    for (let step = 0; step < 200; step += 1) {
      await clock.run(50);
      most = Math.max(most, seated(world));
    }
    expect(most).toBe(10);
    const queued = launches.filter((events) => phases(events).at(-1) === "queued");
    const places = queued.map((events) => events.at(-1)?.queue?.position);
    expect(places).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
  });

  it("give a seat that becomes free to the first in the queue, and move the others up", async () => {
    const { clock, plane, world } = await started({ sessionsMax: 1 });
    const launches = ["a", "b", "c"].map((name) => submit(plane, `launch-000000000000000${name}`));
    await clock.run(20 * SECOND_MS);
    const [first] = [...world.sessions.values()].filter(({ record }) => record.purpose !== null);
    await plane.sessions.stop(first?.record.id ?? "");
    await clock.run(20 * SECOND_MS);
    expect(launches.map((events) => phases(events).at(-1))).toEqual(["ready", "ready", "queued"]);
    expect(launches[2]?.at(-1)?.queue?.position).toBe(1);
  });

  it("of one repository do not hold up another", async () => {
    const { clock, plane } = await started({ sessionsMax: 10, sessionsPerRepoMax: 1 });
    const one = submit(plane, "launch-0000000000000001", "viral");
    const two = submit(plane, "launch-0000000000000002", "viral");
    const three = submit(plane, "launch-0000000000000003", "quiet");
    await clock.run(30 * SECOND_MS);
    expect([one, two, three].map((events) => phases(events).at(-1))).toEqual([
      "ready",
      "queued",
      "ready",
    ]);
  });

  it("of builds: one per environment however many want it, and never more than there are slots", async () => {
    const { clock, plane, world } = await started({ buildsMax: 2 });
    for (let i = 10; i < 30; i += 1) submit(plane, `launch-00000000000000${i}`, `repo${i % 4}`);
    await clock.run(MINUTE_MS);
    expect(world.buildsStarted).toBe(4);
    expect(world.buildsRunningMax).toBe(2);
  });
});

describe("sessions", () => {
  it("end when idle and not before, and a kernel that computes counts as work", async () => {
    const { clock, plane, world } = await started({ sessionIdleMs: 10 * MINUTE_MS });
    const ids = await Promise.all(
      ["a", "b", "c"].map(async (name) => {
        const events = submit(plane, `launch-000000000000000${name}`, name);
        await clock.run(20 * SECOND_MS);
        return events.at(-1)?.result?.sessionId ?? "";
      }),
    );
    const [idle = "", active = "", busy = ""] = ids;
    world.busySessions.add(busy);
    for (let minute = 0; minute < 12; minute += 1) {
      world.touch(active);
      await clock.run(MINUTE_MS);
    }
    const states = [idle, active, busy].map((id) => world.sessions.get(id)?.state.kind);
    expect(states).toEqual(["ended", "running", "running"]);
  });

  it("survive a clock that jumps ahead, as after a suspended laptop", async () => {
    const { clock, plane, world } = await started();
    submit(plane, "launch-0000000000000001");
    await clock.run(MINUTE_MS);
    clock.jump(3 * 60 * MINUTE_MS);
    await clock.run(5 * MINUTE_MS);
    expect(seated(world)).toBe(1);
  });

  it("tell their person once that memory ran out, and that the end is near", async () => {
    const { clock, plane, world } = await started({ sessionAgeMs: 30 * MINUTE_MS });
    const events = submit(plane, "launch-0000000000000001");
    await clock.run(MINUTE_MS);
    const id = events.at(-1)?.result?.sessionId ?? "";
    const session = world.sessions.get(id);
    if (session !== undefined) world.sessions.set(id, { ...session, outOfMemoryKills: 1 });
    for (let minute = 0; minute < 27; minute += 1) {
      world.touch(id);
      await clock.run(MINUTE_MS);
    }
    expect(world.notices.map(({ notice }) => notice.id.split("-")[0])).toEqual(["memory", "end"]);
  });

  it("are never older than their limit", async () => {
    const { clock, plane, world } = await started({ sessionAgeMs: 30 * MINUTE_MS });
    const events = submit(plane, "launch-0000000000000001");
    for (let minute = 0; minute < 31; minute += 1) {
      await clock.run(MINUTE_MS);
      world.touch(events.at(-1)?.result?.sessionId ?? "");
    }
    expect(seated(world)).toBe(0);
  });

  it("are seen by the next list although a list before it never came back", async () => {
    const { clock, plane, world } = await started();
    world.listHangs = true;
    await clock.run(10 * SECOND_MS);
    world.listHangs = false;
    await clock.run(2 * MINUTE_MS);
    const loop = plane.loops().find(({ name }) => name === "sessions");
    expect(loop?.restarts).toBe(1);
    expect(loop?.isStalled).toBe(false);
  });
});
