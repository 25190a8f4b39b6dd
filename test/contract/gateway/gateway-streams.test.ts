/** Bodies that are long, slow, endless or broken off, in both directions. */
import { createHash, randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { MIB } from "#base/units.ts";
import { DEFAULT_POLICY } from "#core/policy.ts";
import {
  bodyOf,
  eventually,
  GatewayWorld,
  type RawConnection,
} from "../../fixtures/gateway-world.ts";

const BODY_MAX = 4 * MIB;
const API_BODY_MAX = 64 * 1_024;

let world: GatewayWorld;
/** What the session does with the next request. */
let onRequest: (request: IncomingMessage, response: ServerResponse) => void;
let onApiRequest: (request: IncomingMessage, response: ServerResponse) => void;

beforeAll(async () => {
  const policy = {
    ...DEFAULT_POLICY,
    requestBodyMaxBytes: BODY_MAX,
    apiBodyMaxBytes: API_BODY_MAX,
  };
  world = await GatewayWorld.start({ policy });
  await world.session("s1", (request, response) => onRequest(request, response));
  await world.api((request, response) => onApiRequest(request, response));
});
afterAll(() => world.close());

/** As many complete requests as make anything that goes on behind visible. */
async function meanwhile(): Promise<void> {
  const before = onApiRequest;
  onApiRequest = (_request, response) => response.end("api");
  for (let count = 0; count < 50; count += 1) expect((await world.ask("/")).text).toBe("api");
  onApiRequest = before;
}

describe("downloads", () => {
  test("a reader that is slow stops the session, and grows nothing in between", async () => {
    const total = 200 * MIB;
    const chunk = Buffer.alloc(64 * 1_024, "x");
    let written = 0;
    onRequest = (_request, response) => {
      response.writeHead(200, { "content-length": total });
      const more = (): void => {
        while (written < total) {
          written += chunk.length;
          if (!response.write(chunk)) return;
        }
        response.end();
      };
      response.on("drain", more);
      more();
    };
    const response = await world.open("/user/s1/big");
    response.pause();
    await meanwhile();
    const before = written;
    await meanwhile();
    // Socket buffers on the way are all that filled up.
    expect(written).toBe(before);
    expect(written).toBeLessThan(30 * MIB);
    let received = 0;
    for await (const part of response) received += (part as Buffer).length;
    expect(received).toBe(total);
  });

  test("a slow reader leaves a connection that the next one can use", async () => {
    const one = await GatewayWorld.start({ limits: { sessionConnectionsMax: 1 } });
    const content = Buffer.alloc(8 * MIB, "x");
    await one.session("s1", (_request, response) => {
      // In chunks, whose end comes together with the last of the content.
      response.write(content.subarray(64));
      response.end(content.subarray(0, 64));
    });
    for (let count = 0; count < 5; count += 1) {
      const response = await one.open("/user/s1/");
      response.pause();
      for (let other = 0; other < 20; other += 1) await one.ask("/user/unknown/");
      expect((await bodyOf(response)).length).toBe(content.length);
    }
    await one.close();
  });

  test("an event arrives when it was sent, not when the stream ends", async () => {
    for (const [path, source] of [
      ["/events", "api"],
      ["/user/s1/events", "session"],
    ] as const) {
      const stream = Promise.withResolvers<ServerResponse>();
      const handler = (_request: IncomingMessage, response: ServerResponse) => {
        response.writeHead(200, { "content-type": "text/event-stream" });
        response.flushHeaders();
        stream.resolve(response);
      };
      if (source === "api") onApiRequest = handler;
      else onRequest = handler;
      const headers = { "accept-encoding": "gzip, br, zstd" };
      // The header alone comes at once.
      const response = await world.open(path, { headers });
      expect(response.headers["content-encoding"]).toBeUndefined();
      const server = await stream.promise;
      for (const number of [1, 2, 3]) {
        const arrived = new Promise<string>((resolve) => {
          response.once("data", (part: Buffer) => resolve(part.toString()));
        });
        server.write(`data: ${number}\n\n`);
        expect(await arrived).toBe(`data: ${number}\n\n`);
      }
      server.end();
      await bodyOf(response);
    }
  });

  test("when the person goes, the session is told", async () => {
    const gone = Promise.withResolvers<boolean>();
    onRequest = (_request, response) => {
      response.once("close", () => gone.resolve(response.writableFinished));
      response.write("begin");
    };
    const response = await world.open("/user/s1/endless");
    response.destroy();
    expect(await gone.promise).toBe(false);
  });

  test("when the person goes before the session has answered, the session is told", async () => {
    const arrived = Promise.withResolvers<void>();
    const gone = Promise.withResolvers<void>();
    onRequest = (request) => {
      request.once("close", () => gone.resolve());
      arrived.resolve();
    };
    const request = world.request("/user/s1/silence");
    request.on("error", () => undefined);
    request.end();
    await arrived.promise;
    request.destroy();
    await expect(gone.promise).resolves.toBeUndefined();
  });

  test("when the session breaks off, the person sees that it is not all", async () => {
    onRequest = (_request, response) => {
      response.writeHead(200, { "content-length": 1_000 });
      response.write("some", () => response.destroy());
    };
    await expect(world.ask("/user/s1/broken")).rejects.toThrow("aborted");
    onRequest = (_request, response) => {
      response.write("some", () => response.destroy());
    };
    await expect(world.ask("/user/s1/broken")).rejects.toThrow("aborted");
  });

  test("2,000 people who watch in silence hinder nobody, and all get their event", async () => {
    const watchers: ServerResponse[] = [];
    onApiRequest = (_request, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(": hello\n\n");
      watchers.push(response);
    };
    const connections: RawConnection[] = [];
    for (let count = 0; count < 2_000; count += 1) {
      connections.push(world.raw().send("GET /watch HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    }
    await Promise.all(connections.map((one) => one.until((text) => text.includes(": hello"))));
    expect(watchers).toHaveLength(2_000);
    await meanwhile();
    for (const watcher of watchers) watcher.write("data: now\n\n");
    await Promise.all(connections.map((one) => one.until((text) => text.includes("data: now"))));
    for (const connection of connections) connection.socket.destroy();
    await eventually(() => watchers.every((watcher) => watcher.destroyed), "the API is told");
  });
});

describe("uploads", () => {
  test.each(["length", "chunked"])("a body with %s arrives whole", async (framing) => {
    const content = randomBytes(BODY_MAX);
    onRequest = (request, response) => {
      const hash = createHash("sha256");
      request.on("data", (chunk: Buffer) => hash.update(chunk));
      request.on("end", () => response.end(hash.digest("hex")));
    };
    const headers =
      framing === "length"
        ? { "content-length": content.length }
        : { "transfer-encoding": "chunked" };
    const { text } = await world.ask("/user/s1/up", { method: "PUT", headers, body: content });
    expect(text).toBe(createHash("sha256").update(content).digest("hex"));
  });

  test("a session that reads slowly stops the person", async () => {
    const slow = await GatewayWorld.start();
    const taken = Promise.withResolvers<IncomingMessage>();
    await slow.session("s1", (request, response) => {
      request.once("data", () => request.pause());
      request.once("end", () => response.end("all of it"));
      taken.resolve(request);
    });
    const total = 100 * MIB;
    const connection = slow.raw();
    connection.send(
      `PUT /user/s1/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${total}\r\n\r\n`,
    );
    const chunk = Buffer.alloc(1 * MIB, "x");
    let sent = 0;
    const more = (): void => {
      while (sent < total) {
        sent += chunk.length;
        if (!connection.socket.write(chunk)) return;
      }
    };
    connection.socket.on("drain", more);
    more();
    const request = await taken.promise;
    await slow.ask("/user/unknown/");
    const flowing = () => connection.socket.bytesWritten - connection.socket.writableLength;
    for (let count = 0; count < 50; count += 1) await slow.ask("/user/unknown/");
    const before = flowing();
    for (let count = 0; count < 50; count += 1) await slow.ask("/user/unknown/");
    expect(flowing()).toBe(before);
    expect(before).toBeLessThan(30 * MIB);
    request.resume();
    expect(await connection.until((text) => text.includes("all of it"))).toContain("200 OK");
    connection.socket.destroy();
    await slow.close();
  });

  test("a body arrives piece by piece, and the answer may begin before its end", async () => {
    onRequest = (request, response) => {
      request.on("data", (chunk: Buffer) => response.write(chunk));
      request.on("end", () => response.end());
    };
    const connection = world.raw();
    const head = "POST /user/s1/ HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n";
    connection.send(`${head}3\r\none\r\n`);
    await connection.until((text) => text.includes("one"));
    connection.send("3\r\ntwo\r\n");
    await connection.until((text) => text.includes("two"));
    connection.send("0\r\n\r\n");
    const whole = await connection.until((text) => text.endsWith("0\r\n\r\n"));
    expect(whole.startsWith("HTTP/1.1 200 OK\r\n")).toBe(true);
    connection.socket.destroy();
  });

  test("100 Continue is said when the session is there to take the body", async () => {
    onRequest = (request, response) => {
      request.on("data", (chunk: Buffer) => response.end(chunk));
    };
    const connection = world.raw();
    connection.send(
      "PUT /user/s1/ HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n",
    );
    await connection.until((text) => text.startsWith("HTTP/1.1 100 Continue\r\n\r\n"));
    connection.send("abc");
    expect(await connection.until((text) => text.endsWith("abc"))).toContain("HTTP/1.1 200 OK");
    connection.socket.destroy();
  });

  test("100 Continue is not said for what is too large or for nobody", async () => {
    for (const [path, length, status] of [
      ["/user/s1/", BODY_MAX + 1, 413],
      ["/user/unknown/", 3, 424],
    ] as const) {
      const connection = world.raw();
      connection.send(
        `PUT ${path} HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: ${length}\r\n\r\n`,
      );
      const text = await connection.until((received) => received.includes("\r\n\r\n"));
      expect(text.split(" ")[1]).toBe(String(status));
      connection.socket.destroy();
    }
  });

  test.each([
    ["/user/s1/up", BODY_MAX],
    ["/api/v1/launches", API_BODY_MAX],
  ])("a body to %s that announces more than the limit never gets there", async (path, limit) => {
    let asked = 0;
    onRequest = onApiRequest = () => {
      asked += 1;
    };
    const body = Buffer.alloc(limit + 1);
    const { status, text } = await world.ask(path, { method: "POST", body });
    expect(status).toBe(413);
    expect(text).toContain("larger than");
    expect(asked).toBe(0);
  });

  test.each([
    ["/user/s1/up", BODY_MAX],
    ["/api/v1/launches", API_BODY_MAX],
  ])(
    "a body to %s that turns out larger than the limit is cut, with a clear answer",
    async (path, limit) => {
      const cut = Promise.withResolvers<boolean>();
      onRequest = onApiRequest = (request) => {
        request.resume();
        request.once("close", () => cut.resolve(request.complete));
      };
      const body = Buffer.alloc(limit + 1_000);
      const headers = { "transfer-encoding": "chunked" };
      const { status } = await world.ask(path, { method: "POST", headers, body });
      expect(status).toBe(413);
      expect(await cut.promise).toBe(false);
    },
  );

  test("a session that answers before it has read all is heard", async () => {
    onRequest = (_request, response) => {
      response.writeHead(403);
      response.end("no");
    };
    const body = Buffer.alloc(1 * MIB);
    const { status, text } = await world.ask("/user/s1/up", { method: "POST", body });
    expect([status, text]).toEqual([403, "no"]);
    onRequest = (_request, response) => response.end("yes");
    expect((await world.ask("/user/s1/")).text).toBe("yes");
  });

  test("when the person breaks off an upload, the session is told", async () => {
    const begun = Promise.withResolvers<void>();
    const cut = Promise.withResolvers<boolean>();
    onRequest = (request) => {
      request.once("data", () => begun.resolve());
      request.once("close", () => cut.resolve(request.complete));
    };
    const connection = world.raw();
    connection.send("PUT /user/s1/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nabc");
    await begun.promise;
    connection.socket.destroy();
    expect(await cut.promise).toBe(false);
  });
});

test("connections beyond a session's limit wait for their turn, and those who go are forgotten", async () => {
  const few = await GatewayWorld.start({ limits: { sessionConnectionsMax: 2 } });
  const open: ServerResponse[] = [];
  const urls: string[] = [];
  await few.session("s1", (request, response) => {
    urls.push(request.url ?? "");
    open.push(response);
  });
  const answers = ["a", "b"].map((name) => few.ask(`/user/s1/${name}`));
  await eventually(() => open.length === 2, "two are on their way");
  const given = few.request("/user/s1/given-up");
  given.on("error", () => undefined);
  given.end();
  const last = few.ask("/user/s1/c");
  await eventually(() => few.gateway.metrics().connections.now === 4, "all four are connected");
  given.destroy();
  await eventually(() => few.gateway.metrics().connections.now === 3, "one has gone");
  open[0]?.end("first");
  await eventually(() => open.length === 3, "the third has its turn");
  for (const response of open) if (!response.writableEnded) response.end("then");
  expect((await Promise.all([...answers, last])).map((answer) => answer.text).toSorted()).toEqual([
    "first",
    "then",
    "then",
  ]);
  expect(urls).not.toContain("/user/s1/given-up");
  await few.close();
});
