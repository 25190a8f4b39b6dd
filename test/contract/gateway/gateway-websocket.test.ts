/** WebSockets through the gateway: both ways, half-closed, refused, and not abused. */
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { MIB } from "#base/units.ts";
import { eventually, GatewayWorld, type StubServer } from "../../fixtures/gateway-world.ts";

let world: GatewayWorld;
let session: StubServer;
let sockets: WebSocketServer;
let api: StubServer;
/** The session's ends, in order. */
const accepted: WebSocket[] = [];

beforeAll(async () => {
  world = await GatewayWorld.start({
    limits: { tunnelHandshakeMs: 300, activityIntervalMs: 0, tunnelsPerSessionMax: 20 },
  });
  api = await world.api((_request, response) => response.end("api"));
  session = await world.session("s1", (_request, response) => response.end("plain"));
  sockets = new WebSocketServer({ noServer: true, handleProtocols: () => "v1.kernel" });
  session.server.on("upgrade", (request, socket: Duplex, head: Buffer) => {
    session.requests.push(request);
    if (request.url === "/user/s1/forbidden") {
      socket.end("HTTP/1.1 403 Forbidden\r\nContent-Length: 6\r\nX-Why: token\r\n\r\nno way");
    } else if (request.url === "/user/s1/silence") {
      socket.on("end", () => socket.destroy());
    } else {
      sockets.handleUpgrade(request, socket, head, (own) => {
        accepted.push(own);
        own.on("message", (data, isBinary) => own.send(data, { binary: isBinary }));
      });
    }
  });
});
afterAll(() => world.close());
beforeEach(() => {
  session.requests.length = 0;
  api.requests.length = 0;
  world.routes.noted.length = 0;
});

function open(path: string, options: ConstructorParameters<typeof WebSocket>[2] = {}): WebSocket {
  return new WebSocket(`ws://127.0.0.1:${world.port}${path}`, "v1.kernel", options);
}

async function refusal(socket: WebSocket): Promise<{ status: number; text: string }> {
  const [, response] = await once(socket, "unexpected-response");
  let text = "";
  for await (const chunk of response) text += String(chunk);
  socket.on("error", () => undefined);
  socket.terminate();
  return { status: response.statusCode, text };
}

const UPGRADE =
  "Host: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
  "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

describe("a WebSocket", () => {
  test("carries text and bytes, small and large, with its subprotocol, path and address", async () => {
    const socket = open("/user/s1/api/kernels/1/channels?session_id=x");
    await once(socket, "open");
    expect(socket.protocol).toBe("v1.kernel");
    for (const message of ["hello", "", "x".repeat(5 * MIB)]) {
      socket.send(message);
      const [data, isBinary] = await once(socket, "message");
      expect(isBinary).toBe(false);
      expect(data.toString() === message).toBe(true);
    }
    socket.send(Buffer.alloc(3 * MIB, 7));
    const [data, isBinary] = await once(socket, "message");
    expect(isBinary).toBe(true);
    expect((data as Buffer).equals(Buffer.alloc(3 * MIB, 7))).toBe(true);
    const [request] = session.requests;
    expect(request?.url).toBe("/user/s1/api/kernels/1/channels?session_id=x");
    expect(request?.headers["x-forwarded-for"]).toBe("127.0.0.1");
    socket.close(4001, "bye");
    const [code, reason] = await once(socket, "close");
    expect([code, String(reason)]).toEqual([4001, "bye"]);
    await eventually(() => world.gateway.metrics().tunnels.now === 0, "the tunnel is counted off");
  });

  test("whose session ends is closed, and whose person goes is closed behind", async () => {
    const first = open("/user/s1/ws");
    await once(first, "open");
    const closed = once(first, "close");
    accepted.at(-1)?.terminate();
    expect((await closed)[0]).toBe(1006);

    const second = open("/user/s1/ws");
    await once(second, "open");
    const behind = once(accepted.at(-1) as WebSocket, "close");
    second.terminate();
    expect((await behind)[0]).toBe(1006);
  });

  test("that one side has ended is still read from the other", async () => {
    const server = await rawSession("half", (socket) => {
      socket.once("data", () => {
        socket.write(SWITCHING);
        // Everything that follows the end of the other direction.
        socket.on("end", () => socket.end("the rest"));
        socket.resume();
      });
    });
    const connection = world.raw().send(`GET /user/half/ HTTP/1.1\r\n${UPGRADE}`);
    await connection.until((text) => text.includes("101 Switching Protocols"));
    connection.socket.end("last words");
    expect(await connection.until((text) => text.endsWith("the rest"))).toContain(
      "\r\n\r\nthe rest",
    );
    server.close();
  });

  test("that nobody reads stops the session, and grows nothing", async () => {
    const chunk = Buffer.alloc(64 * 1_024, 0x82);
    let written = 0;
    const server = await rawSession("flood", (socket) => {
      const more = (): void => {
        while (written < 500 * MIB) {
          written += chunk.length;
          if (!socket.write(chunk)) return;
        }
      };
      socket.once("data", () => {
        socket.write(SWITCHING);
        socket.on("drain", more);
        more();
      });
    });
    const connection = world.raw();
    connection.socket.pause();
    connection.send(`GET /user/flood/ HTTP/1.1\r\n${UPGRADE}`);
    await eventually(() => written > 0, "the session writes");
    for (let count = 0; count < 50; count += 1) await world.ask("/");
    const before = written;
    for (let count = 0; count < 50; count += 1) await world.ask("/");
    expect(written).toBe(before);
    expect(written).toBeLessThan(30 * MIB);
    connection.socket.destroy();
    server.close();
  });

  test("what comes right behind the handshake is not lost, in either direction", async () => {
    const server = await rawSession("early", (socket) => {
      let seen = "";
      socket.on("data", (chunk) => {
        const isFirst = seen === "";
        seen += chunk.toString("latin1");
        if (isFirst) socket.write(`${SWITCHING}worm`);
        if (seen.endsWith("\r\n\r\nearly bird")) socket.end(" eaten");
      });
    });
    const connection = world.raw().send(`GET /user/early/ HTTP/1.1\r\n${UPGRADE}early bird`);
    expect(await connection.ended()).toMatch(/\r\n\r\nworm eaten$/);
    connection.socket.destroy();
    server.close();
  });
});

describe("a refused WebSocket", () => {
  test("is refused in the session's own words", async () => {
    const answer = await refusal(open("/user/s1/forbidden"));
    expect(answer).toEqual({ status: 403, text: "no way" });
  });

  test("of an unknown session is 424, and the API hears nothing of it", async () => {
    const { status, text } = await refusal(open("/user/unknown/ws"));
    expect(status).toBe(424);
    expect(text).toContain("Binder not found");
    expect(api.asked()).toEqual([]);
  });

  test.each([
    ["/user/A_b/ws", 424],
    ["/user/s1/api/bindery/claim", 404],
    ["/user/", 404],
  ])("to %s is %s", async (path, status) => {
    expect((await refusal(open(path))).status).toBe(status);
    expect(session.asked()).toEqual([]);
  });

  test("of another site's name is 421", async () => {
    const { status } = await refusal(open("/user/s1/ws", { headers: { host: "evil.example" } }));
    expect(status).toBe(421);
    expect(session.asked()).toEqual([]);
  });

  test("of a session that starts is 503 with the time to come again", async () => {
    world.route("starting", { isStarting: true });
    expect((await refusal(open("/user/starting/ws"))).status).toBe(503);
  });

  test("of a session that does not answer is given up in time", async () => {
    expect((await refusal(open("/user/s1/silence"))).status).toBe(502);
  });

  test("cannot be used to send requests past the gateway's checks", async () => {
    const connection = world.raw();
    const smuggled = "POST /user/s1/api/bindery/claim HTTP/1.1\r\nHost: localhost\r\n\r\n";
    connection.send(`GET /user/s1/forbidden HTTP/1.1\r\n${UPGRADE}${smuggled}`);
    const text = await connection.ended();
    expect(text.match(/HTTP\/1\.1/g)).toHaveLength(1);
    expect(session.asked()).toEqual(["GET /user/s1/forbidden"]);
  });

  test("beyond the session's limit is said so", async () => {
    const all = Array.from({ length: 20 }, () => open("/user/s1/ws"));
    await Promise.all(all.map((socket) => once(socket, "open")));
    expect((await refusal(open("/user/s1/ws"))).status).toBe(503);
    const [first] = all;
    const closed = once(first as WebSocket, "close");
    first?.close();
    await closed;
    const again = open("/user/s1/ws");
    await once(again, "open");
    for (const socket of [...all, again]) socket.terminate();
    await eventually(() => world.gateway.metrics().tunnels.now === 0, "all are counted off");
  });

  test("of another protocol is not done: the request is served as if it had not asked", async () => {
    const headers = {
      connection: "Upgrade, HTTP2-Settings",
      upgrade: "h2c",
      "http2-settings": "x",
    };
    const { status, text } = await world.ask("/user/s1/", { headers });
    expect([status, text]).toEqual([200, "plain"]);
    expect(session.requests[0]?.headers["upgrade"]).toBeUndefined();
  });
});

describe("activity", () => {
  test("is what a person does: frames with data, changes, pages; not pings, not polling", async () => {
    const socket = open("/user/s1/ws");
    await once(socket, "open");
    const quiet = async (act: () => Promise<unknown>) => {
      world.routes.noted.length = 0;
      await act();
      return world.routes.noted.length === 0;
    };
    const pong = async () => {
      socket.ping();
      await once(socket, "pong");
    };
    const echo = async () => {
      socket.send("x");
      await once(socket, "message");
    };
    expect(await quiet(pong)).toBe(true);
    expect(await quiet(echo)).toBe(false);
    expect(await quiet(() => world.ask("/user/s1/api/kernels"))).toBe(true);
    expect(await quiet(() => world.ask("/user/s1/api/kernels", { method: "POST" }))).toBe(false);
    expect(await quiet(() => world.ask("/user/s1/lab"))).toBe(false);
    expect(await quiet(() => world.ask("/user/unknown/lab"))).toBe(true);
    expect(await quiet(() => world.ask("/"))).toBe(true);
    socket.terminate();
  });
});

test("ending the gateway ends its WebSockets", async () => {
  const other = await GatewayWorld.start();
  const stub = await other.session("s1", () => undefined);
  const behind = new WebSocketServer({ server: stub.server });
  const socket = new WebSocket(`ws://127.0.0.1:${other.port}/user/s1/`);
  await once(socket, "open");
  const closed = once(socket, "close");
  await other.close();
  expect((await closed)[0]).toBe(1006);
  behind.close();
});

test("ending the gateway does not wait for a handshake that takes its time", async () => {
  const other = await GatewayWorld.start({ limits: { closeGraceMs: 20_000 } });
  const stub = await other.session("s1", () => undefined);
  const asked = new Promise((resolve) => stub.server.once("upgrade", resolve));
  const socket = new WebSocket(`ws://127.0.0.1:${other.port}/user/s1/`);
  const failed = once(socket, "error");
  await asked;
  await other.gateway.close();
  expect(String((await failed)[0])).toContain("socket hang up");
  await other.close();
});

const SWITCHING =
  "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";

/** A session that speaks for itself, byte by byte. */
function rawSession(id: string, onConnection: (socket: Socket) => void): Promise<Server> {
  world.route(id);
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on("error", () => undefined);
    onConnection(socket);
  });
  return new Promise((resolve) => server.listen(world.socketOf(id), () => resolve(server)));
}
