/** The contract of the route source, kept by the local one: it reads what the session driver wrote. */
import { existsSync } from "node:fs";
import { stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { DEFAULT_POLICY } from "#core/policy.ts";
import { createLocalRouteSource } from "#drivers/local/session/route-source.ts";
import { systemClock } from "#drivers/system/clock.ts";
import type { RouteSource } from "#ports/route-source.ts";
import {
  eventually,
  makeSessionWorld,
  type SessionWorld,
  sessionStart,
  silentLog,
  untilRunning,
} from "../fixtures/session-world.ts";

let world: SessionWorld;
let routes: RouteSource;
beforeAll(async () => {
  world = await makeSessionWorld();
  routes = createLocalRouteSource({ dataDir: world.dataDir, clock: systemClock, log: silentLog });
});
afterAll(() => world.close());

it("knows a session from its start to its end, and nothing else", async () => {
  let bring = (): void => undefined;
  const brought = new Promise<void>((resolve) => {
    bring = resolve;
  });
  const slow = await makeSessionWorld({
    dataDir: world.dataDir,
    sandbox: world.sandbox,
    checkout: () => brought,
  });
  const request = sessionStart();
  const starting = slow.driver.start(request);
  const place = join(world.dataDir, "sessions", request.id);
  await eventually(() => existsSync(join(place, "give")), "the session is being made");
  expect(await routes.find(request.id)).toEqual({
    sessionId: request.id,
    target: { kind: "unix", path: join(place, "run/server.sock") },
    isStarting: true,
    egressSocket: join(place, "give/egress.sock"),
  });
  bring();
  await starting;
  await untilRunning(world.driver, request.id);
  expect(await routes.find(request.id)).toMatchObject({ isStarting: false });
  expect(await routes.list()).toEqual([await routes.find(request.id)]);

  await world.driver.stop(request.id, "stopped");
  expect(await routes.find(request.id)).toBeNull();
  expect(await routes.list()).toEqual([]);
  await world.driver.remove(request.id);
  expect(await routes.find(request.id)).toBeNull();
});

it("does not look at paths for names that are no ids", async () => {
  await writeFile(join(world.dataDir, "record.json"), "{}");
  for (const id of ["..", "../..", "", ".", "a/b", "%2e%2e", "A".repeat(20), "x".repeat(64)]) {
    expect(await routes.find(id)).toBeNull();
    routes.noteActivity(id, Date.now());
  }
});

it("names no way out where the network needs no filter", async () => {
  const open = await makeSessionWorld({ policy: { ...DEFAULT_POLICY, sessionNetwork: "none" } });
  const request = sessionStart();
  await open.driver.start(request);
  const source = createLocalRouteSource({
    dataDir: open.dataDir,
    clock: systemClock,
    log: silentLog,
  });
  expect((await source.find(request.id))?.egressSocket).toBeNull();
  await open.close();
});

it("tells the session driver when a person was at work", async () => {
  const request = sessionStart();
  await world.driver.start(request);
  const atMs = Date.now() + 60_000;
  routes.noteActivity(request.id, atMs);
  expect((await world.driver.inspect(request.id))?.lastActivityAtMs).toBeCloseTo(atMs, -1);
  routes.noteActivity("no-such-session", atMs);
  await world.driver.remove(request.id);
  routes.noteActivity(request.id, atMs);
  await expect(stat(join(world.dataDir, "sessions", request.id))).rejects.toThrow("ENOENT");
});

it("gives a hint when a session comes and when it goes", async () => {
  let hints = 0;
  const stopListening = routes.onHint(() => {
    hints += 1;
  });
  const request = sessionStart();
  await world.driver.start(request);
  await eventually(() => hints > 0, "a hint for the new session");
  expect(await routes.find(request.id)).not.toBeNull();
  hints = 0;
  await world.driver.remove(request.id);
  await eventually(() => hints > 0, "a hint for its removal");
  expect(await routes.find(request.id)).toBeNull();
  stopListening();
});

it("answers one question about one session with less than a millisecond of work", async () => {
  const request = sessionStart();
  await world.driver.start(request);
  await untilRunning(world.driver, request.id);
  await routes.find(request.id);
  const before = process.cpuUsage();
  for (let i = 0; i < 500; i += 1) await routes.find(request.id);
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 500).toBeLessThan(1_000);
});
