/** Event streams on a real socket: many readers, slow readers, rude readers, and a server that goes away. */
import { once } from "node:events";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { systemClock } from "#drivers/system/clock.ts";
import { ADMIN_TOKEN, type ApiUnderTest, apiUnderTest } from "../fixtures/api-under-test.ts";
import { rawStream, streamRequest } from "../fixtures/raw-stream.ts";
import { readySteps } from "../fixtures/scripted-control-plane.ts";

const ID = "launch-0123456789abcdef";
const EVENTS = `/api/v1/launches/${ID}/events`;

interface Served extends ApiUnderTest {
  readonly socketPath: string;
}

const undo: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).toReversed()) await step();
});

async function served(changes: Parameters<typeof apiUnderTest>[0] = {}): Promise<Served> {
  const directory = await mkdtemp(join(tmpdir(), "bindery-api-"));
  const world = apiUnderTest(changes);
  const socketPath = join(directory, "api.sock");
  await world.api.listen(socketPath);
  undo.push(async () => {
    await world.api.close();
    await rm(directory, { recursive: true });
  });
  const response = await world.api.inject({
    method: "POST",
    url: "/api/v1/launches",
    headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
    payload: { repo: "gh/owner/name", id: ID },
  });
  expect(response.statusCode).toBe(202);
  return { ...world, socketPath };
}

/** Lets the event loop turn until it is so; the test's own limit is the deadline. */
async function turnsUntil(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => void setImmediate(resolve));
}

const line = (message: string) => ({ phase: "building", message }) as const;

describe("a launch with many readers", () => {
  it("tells 2,000 of them everything, once, and lets go of them at the end", async () => {
    const { controlPlane, socketPath } = await served();
    controlPlane.play(ID, [line("early")]);
    const streams = Array.from({ length: 2_000 }, () =>
      rawStream(socketPath, streamRequest(EVENTS)),
    );
    await Promise.all(streams.map((stream) => stream.until(/early/)));
    expect(controlPlane.watchersOf(ID)).toBe(2_000);
    controlPlane.play(ID, [line("late"), ...readySteps("session-1", "the-token")]);
    const texts = await Promise.all(streams.map((stream) => stream.until(/0\r\n\r\n$/)));
    for (const text of texts) {
      expect(text.match(/"number":\d+/g)).toEqual(
        [1, 2, 3, 4, 5].map((number) => `"number":${number}`),
      );
    }
    expect(controlPlane.watchersOf(ID)).toBe(0);
    for (const { socket } of streams) socket.destroy();
  });

  it("refuses those beyond the limits, in all and of one address", async () => {
    const policy = { watchersMax: 3, watchersPerClientMax: 2 };
    const { controlPlane, socketPath } = await served({ policy });
    const from = (address: string) =>
      rawStream(socketPath, streamRequest(EVENTS, [`X-Forwarded-For: ${address}`]));
    const first = from("203.0.113.1");
    await first.until(/ 200 OK/);
    await from("203.0.113.1").until(/ 200 OK/);
    await from("203.0.113.1").until(/ 429 [^]*watchers-exceeded/);
    expect(controlPlane.watchersOf(ID)).toBe(2);
    await from("203.0.113.2").until(/ 200 OK/);
    await from("203.0.113.3").until(/ 429 [^]*watchers-exceeded/);
    first.socket.destroy();
    await turnsUntil(() => controlPlane.watchersOf(ID) === 2);
    await from("203.0.113.1").until(/ 200 OK/);
  });

  it("notices when readers go away", async () => {
    const { controlPlane, socketPath } = await served();
    const streams = Array.from({ length: 50 }, () => rawStream(socketPath, streamRequest(EVENTS)));
    await Promise.all(streams.map((stream) => stream.until(/retry: /)));
    for (const { socket } of streams) socket.destroy();
    await turnsUntil(() => controlPlane.watchersOf(ID) === 0);
    expect(controlPlane.cancelled).toEqual([]);
  });
});

describe("a slow reader", () => {
  it("gets everything in order, and no more than a buffer of it waits for it", async () => {
    const { controlPlane, socketPath } = await served();
    const stream = rawStream(socketPath, streamRequest(EVENTS));
    await stream.until(/retry: /);
    stream.socket.pause();
    const lines = Array.from({ length: 3_000 }, (_, index) =>
      line(`${index} ${"x".repeat(2_000)}`),
    );
    controlPlane.play(ID, lines);
    // What does not fit is not kept for it: it is not watching meanwhile.
    expect(controlPlane.watchersOf(ID)).toBe(0);
    stream.socket.resume();
    const text = await stream.until(/"message":"2999 /);
    const numbers = [...text.matchAll(/"number":(\d+)/g)].map(([, number]) => Number(number));
    expect(numbers).toEqual(lines.map((_, index) => index + 1));
    stream.socket.destroy();
  });

  it("is let go when it takes nothing for a whole interval", async () => {
    const world = await served();
    const { clock, controlPlane, socketPath } = world;
    const stream = rawStream(socketPath, streamRequest(EVENTS));
    await stream.until(/retry: /);
    stream.socket.pause();
    controlPlane.play(
      ID,
      Array.from({ length: 3_000 }, () => line("x".repeat(2_000))),
    );
    await clock.run(100_000);
    stream.socket.resume();
    await stream.ended;
    expect(stream.text()).not.toContain(":keepalive");
  });
});

describe("a reader that comes again", () => {
  it("goes on where it was, by Last-Event-ID or by address", async () => {
    const { controlPlane, socketPath } = await served();
    controlPlane.play(ID, [line("one"), line("two")]);
    const first = rawStream(socketPath, streamRequest(EVENTS));
    const text = await first.until(/two/);
    const [id = ""] = /(?<=id: )1@\S+/.exec(text) ?? [];
    first.socket.destroy();
    const byHeader = rawStream(socketPath, streamRequest(EVENTS, [`Last-Event-ID: ${id}`]));
    expect(await byHeader.until(/two/)).not.toContain("one");
    const byAddress = rawStream(socketPath, streamRequest(`${EVENTS}?after=${id}`));
    expect(await byAddress.until(/two/)).not.toContain("one");
    const byNumber = rawStream(socketPath, streamRequest(`${EVENTS}?after=1`));
    expect(await byNumber.until(/two/)).not.toContain("one");
    for (const { socket } of [byHeader, byAddress, byNumber]) socket.destroy();
  });

  it("hears all of a launch that was begun anew since", async () => {
    const { api, clock, controlPlane, socketPath } = await served();
    controlPlane.play(ID, [line("one"), line("two"), line("three")]);
    const first = rawStream(socketPath, streamRequest(EVENTS));
    const [id = ""] = /(?<=id: )3@\S+/.exec(await first.until(/three/)) ?? [];
    first.socket.destroy();
    controlPlane.forgetLaunches();
    await rawStream(socketPath, streamRequest(`${EVENTS}?after=${id}`)).until(/launch-not-found/);
    await clock.run(5_000);
    await api.inject({
      method: "POST",
      url: "/api/v1/launches",
      headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
      payload: { repo: "gh/owner/name", id: ID },
    });
    controlPlane.play(ID, [line("again one")]);
    const second = rawStream(socketPath, streamRequest(`${EVENTS}?after=${id}`));
    expect(await second.until(/again one/)).toContain('"number":1,');
    second.socket.destroy();
  });

  it("is told to stop when it has the last event", async () => {
    const { controlPlane, socketPath } = await served();
    controlPlane.play(ID, readySteps("session-1", "the-token"));
    const first = rawStream(socketPath, streamRequest(EVENTS));
    const [id = ""] = /(?<=id: )3@\S+/.exec(await first.until(/"ready"[^]*\n\n/)) ?? [];
    const again = rawStream(socketPath, streamRequest(`${EVENTS}?after=${id}`));
    expect(await again.until(/ 204 No Content/)).not.toContain("data:");
    for (const { socket } of [first, again]) socket.destroy();
  });
});

describe("the server", () => {
  it("takes over the socket that a killed one left, for its own user alone", async () => {
    const { api, socketPath } = await served();
    const other = apiUnderTest({ clock: systemClock });
    await other.api.listen(socketPath);
    const stream = rawStream(socketPath, streamRequest("/health"));
    await stream.until(/"ok":true/);
    expect((await stat(socketPath)).mode & 0o777).toBe(0o600);
    stream.socket.destroy();
    await other.api.close();
    await api.close();
  });

  it("ends every stream at once when it closes", async () => {
    const { api, socketPath } = await served();
    const streams = Array.from({ length: 20 }, () => rawStream(socketPath, streamRequest(EVENTS)));
    await Promise.all(streams.map((stream) => stream.until(/retry: /)));
    await api.close();
    expect(await Promise.all(streams.map(({ ended }) => ended))).toHaveLength(20);
  });

  it.each([
    ["what is no HTTP", "hello\r\n\r\n", /^HTTP\/1\.1 400 [^]*request-invalid/],
    [
      "headers without end",
      `GET / HTTP/1.1\r\nHost: x\r\nX-A: ${"a".repeat(40_000)}\r\n\r\n`,
      /^HTTP\/1\.1 400 [^]*request-invalid/,
    ],
    [
      "two lengths",
      "POST /api/v1/launches HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      /^HTTP\/1\.1 400 /,
    ],
  ])("answers %s and hangs up", async (_, request, answer) => {
    const { socketPath, controlPlane } = await served();
    const stream = rawStream(socketPath, request);
    expect(await stream.until(answer)).not.toContain("at ");
    if (!stream.socket.destroyed) await once(stream.socket, "close");
    expect(controlPlane.submitted).toHaveLength(1);
  });
});
