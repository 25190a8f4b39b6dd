/** The client against a real API on a real socket: what it asks, what it throws, how it comes back. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { type Client, createClient } from "#client/client.ts";
import { FailureError } from "#client/failure-error.ts";
import { failure } from "#core/errors.ts";
import type { LaunchEvent } from "#core/launch/launch.ts";
import { VirtualClock } from "#sim/world/virtual-clock.ts";
import {
  ADMIN_TOKEN,
  type ApiUnderTest,
  apiUnderTest,
  session,
} from "../fixtures/api-under-test.ts";
import { KEY, readySteps } from "../fixtures/scripted-control-plane.ts";
import { socketFetch } from "../fixtures/socket-fetch.ts";

const WISH = { provider: "gh", spec: "owner/name", id: "launch-0123456789abcdef" };
const line = (message: string) => ({ phase: "building", message }) as const;

interface World extends ApiUnderTest {
  readonly client: Client;
  readonly socketPath: string;
  /** How long the client waited each time. */
  readonly waits: number[];
  /** What the client's next wait does. */
  onWait: () => Promise<void>;
}

const undo: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).toReversed()) await step();
});

async function world(token: string | null = ADMIN_TOKEN): Promise<World> {
  const directory = await mkdtemp(join(tmpdir(), "bindery-client-"));
  const socketPath = join(directory, "api.sock");
  const made = apiUnderTest();
  await made.api.listen(socketPath);
  const { fetch, destroy } = socketFetch(socketPath);
  undo.push(
    () => rm(directory, { recursive: true }),
    () => made.api.close(),
    destroy,
  );
  const waits: number[] = [];
  const all: World = {
    ...made,
    socketPath,
    waits,
    onWait: async () => {},
    client: createClient({
      baseUrl: "http://bindery",
      ...(token === null ? {} : { token }),
      fetch,
      wait: async (delayMs, signal) => {
        waits.push(delayMs);
        signal?.throwIfAborted();
        await all.onWait();
      },
    }),
  };
  return all;
}

async function all(events: AsyncIterable<LaunchEvent>): Promise<string[]> {
  const seen: string[] = [];
  for await (const { phase, message } of events) seen.push(`${phase}: ${message}`);
  return seen;
}

const END = [
  "built: The environment is known.",
  "launching: Launching server...",
  "ready: The session answers.",
];

describe("the client", () => {
  it("submits, watches to the end, and knows what came of it", async () => {
    const { client, controlPlane } = await world();
    controlPlane.onSubmit = ({ id }) => controlPlane.play(id, readySteps("session-1", "the-token"));
    const launch = await client.launch({ ...WISH, urlPath: "lab" });
    expect(launch).toMatchObject({ id: WISH.id, isNew: true, urlPath: "lab" });
    expect(await all(client.watchLaunch({ id: launch.id }))).toEqual(END);
    expect(await client.getLaunch(launch.id)).toMatchObject({ result: { token: "the-token" } });
    expect(await client.listLaunches()).toHaveLength(1);
  });

  it("asks for everything else", async () => {
    const { client, controlPlane } = await world();
    controlPlane.sessionList = [session("session-1", "the-token")];
    expect(await client.listSessions()).toMatchObject([{ id: "session-1" }]);
    expect(await client.getSession("session-1")).toMatchObject({ path: "/user/session-1/" });
    expect(await client.extendSession("session-1", 60_000)).toHaveProperty("endsAtMs");
    expect(await client.sessionLog("session-1", 7)).toBe("line 2\n");
    await client.stopSession("session-1");
    expect(controlPlane.stopped).toEqual(["session-1"]);
    expect(await client.listBuilds()).toEqual([]);
    expect(await client.listEnvironments()).toEqual([]);
    expect(await client.pruneEnvironments(0)).toEqual({ removed: [KEY], freedBytes: 10 });
    expect(await client.limits()).toMatchObject({ queue: { used: 0 } });
    expect(await client.listLoops()).toMatchObject([{ name: "launches" }]);
    expect(await client.history("launch", 5)).toEqual([]);
    for (const missing of [
      client.getEnvironment(KEY),
      client.environmentLock(KEY),
      client.environmentLog(KEY),
    ]) {
      await expect(missing).rejects.toMatchObject({ failure: { code: "environment-not-found" } });
    }
  });

  it("throws what the server says, as it says it", async () => {
    const { client, controlPlane } = await world();
    controlPlane.refuseWith = failure("queue-full", undefined, { retryAfterSeconds: 30 });
    const refused = client.launch(WISH);
    await expect(refused).rejects.toBeInstanceOf(FailureError);
    await expect(refused).rejects.toMatchObject({ failure: controlPlane.refuseWith });
    const stranger = await world(null);
    await expect(stranger.client.listSessions()).rejects.toMatchObject({
      failure: { code: "token-required" },
    });
  });

  it("says so when no server is there", async () => {
    const { client, api } = await world();
    await api.close();
    await expect(client.limits()).rejects.toMatchObject({
      failure: { code: "server-unreachable", retriable: true },
    });
  });

  it("stops when it is told to", async () => {
    const { client } = await world();
    await client.launch(WISH);
    const abort = new AbortController();
    const events = client.watchLaunch({ id: WISH.id }, { signal: abort.signal });
    const next = events.next();
    abort.abort(new Error("enough"));
    await expect(next).rejects.toThrow("enough");
  });

  it("cancels", async () => {
    const { client, controlPlane } = await world();
    await client.launch(WISH);
    await client.cancelLaunch(WISH.id);
    expect(controlPlane.cancelled).toEqual([WISH.id]);
    expect(await all(client.watchLaunch({ id: WISH.id }))).toEqual([
      "failed: The launch was cancelled.",
    ]);
  });
});

describe("a server that goes away while a launch is watched", () => {
  it("is waited for, and every event comes once", async () => {
    const made = await world();
    const { api, client, controlPlane, socketPath, waits } = made;
    await client.launch(WISH);
    controlPlane.play(WISH.id, [line("one"), line("two")]);
    const connections: boolean[] = [];
    const events = client.watchLaunch(
      { id: WISH.id },
      { onConnection: (isUp) => connections.push(isUp) },
    );
    await events.next();
    await events.next();
    // Another process on the same socket, which knows the same launch.
    const successor = apiUnderTest({ clock: new VirtualClock(Date.UTC(2026, 0, 1)) });
    made.onWait = async () => {
      if (waits.length < 3) return;
      await successor.api.listen(socketPath);
      undo.push(() => successor.api.close());
      const submit = { url: "/api/v1/launches", method: "POST", payload: WISH } as const;
      const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
      await successor.api.inject({ ...submit, headers });
      successor.controlPlane.play(WISH.id, [line("one"), line("two"), line("three")]);
      successor.controlPlane.play(WISH.id, readySteps("session-1", "the-token"));
      made.onWait = async () => {};
    };
    await api.close();
    expect(await all(events)).toEqual(["building: three", ...END]);
    expect(waits).toEqual([100, 200, 400]);
    expect(connections[0]).toBe(true);
    expect(connections).toContain(false);
    expect(connections.at(-1)).toBe(true);
  });

  it("and forgets the launch: it is submitted again under the same id and told from its beginning", async () => {
    const made = await world();
    const { client, clock, controlPlane } = made;
    await client.launch(WISH);
    controlPlane.play(WISH.id, [line("one"), line("two")]);
    const events = client.watchLaunch({ id: WISH.id, wish: WISH });
    await events.next();
    await events.next();
    controlPlane.forgetLaunches();
    await clock.run(1_000);
    controlPlane.onSubmit = ({ id }) => controlPlane.play(id, readySteps("session-1", "the-token"));
    await breakConnections(made);
    expect(await all(events)).toEqual(END);
    expect(controlPlane.submitted.map(({ id }) => id)).toEqual([WISH.id, WISH.id]);
  });

  it("and forgets the launch of somebody who has no wish: that is the end", async () => {
    const made = await world();
    const { client, controlPlane } = made;
    await client.launch(WISH);
    controlPlane.play(WISH.id, [line("one")]);
    const events = client.watchLaunch({ id: WISH.id });
    await events.next();
    controlPlane.forgetLaunches();
    await breakConnections(made);
    await expect(events.next()).rejects.toMatchObject({ failure: { code: "launch-not-found" } });
  });

  it("and stays away: it is not waited for without end", async () => {
    const { api, client, waits } = await world();
    await client.launch(WISH);
    await api.close();
    const events = client.watchLaunch({ id: WISH.id }, { patienceMs: 10_000 });
    await expect(events.next()).rejects.toMatchObject({ failure: { code: "server-unreachable" } });
    const waited = waits.reduce((sum, ms) => sum + ms, 0);
    expect(waited).toBeGreaterThanOrEqual(10_000);
    expect(waited).toBeLessThan(13_000);
  });
});

/** The same server again, with every stream cut. */
async function breakConnections({ api, socketPath, controlPlane, clock }: World): Promise<void> {
  await api.close();
  const { api: again } = apiUnderTest({ controlPlane, clock });
  await again.listen(socketPath);
  undo.push(() => again.close());
}
