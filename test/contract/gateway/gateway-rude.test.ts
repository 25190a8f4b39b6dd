/** Requests that are wrong on purpose: refused, without harm to anybody else. */
import { createServer, type Server, type Socket } from "node:net";
import { rm } from "node:fs/promises";
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { eventually, GatewayWorld, type StubServer } from "../../fixtures/gateway-world.ts";

let world: GatewayWorld;
let session: StubServer;

beforeAll(async () => {
  world = await GatewayWorld.start({
    limits: { headersTimeoutMs: 300, firstByteTimeoutMs: 200, bodyIdleMs: 300 },
  });
  await world.api((_request, response) => response.end("api"));
  session = await world.session("s1", (request, response) => {
    if (request.url === "/user/s1/silence") return;
    request.resume();
    request.once("end", () => response.end("fine"));
  });
});
afterAll(() => world.close());
beforeEach(() => {
  session.requests.length = 0;
});
afterEach(async () => {
  // Whatever happened: the next person is served.
  const { status, text } = await world.ask("/user/s1/");
  if (text !== "fine") throw new Error(`the next person got ${status}: ${text}`);
});

const HOST = "Host: localhost\r\n";

test.each([
  ["no HTTP", "hello\r\n\r\n"],
  ["a TLS greeting", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"],
  ["HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
  ["no host", "GET /user/s1/ HTTP/1.1\r\n\r\n"],
  [
    "a length and chunks",
    `POST /user/s1/ HTTP/1.1\r\n${HOST}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  ],
  [
    "chunks and a length",
    `POST /user/s1/ HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n`,
  ],
  [
    "two lengths",
    `POST /user/s1/ HTTP/1.1\r\n${HOST}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!`,
  ],
  ["a list of lengths", `POST /user/s1/ HTTP/1.1\r\n${HOST}Content-Length: 5, 5\r\n\r\nhello`],
  ["a signed length", `POST /user/s1/ HTTP/1.1\r\n${HOST}Content-Length: +5\r\n\r\nhello`],
  [
    "another encoding",
    `POST /user/s1/ HTTP/1.1\r\n${HOST}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`,
  ],
  [
    "chunked, but not last",
    `POST /user/s1/ HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n`,
  ],
  [
    "a chunk size with a prefix, noticed in its middle",
    `POST /user/s1/ HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n`,
  ],
  ["a space before the colon", `GET /user/s1/ HTTP/1.1\r\n${HOST}X : y\r\n\r\n`],
  ["a folded line", `GET /user/s1/ HTTP/1.1\r\n${HOST}X: y\r\n z\r\n\r\n`],
  ["a bare carriage return", `GET /user/s1/ HTTP/1.1\r\n${HOST}X: y\rZ: a\r\n\r\n`],
  ["a zero byte in a value", `GET /user/s1/ HTTP/1.1\r\n${HOST}X: \0\r\n\r\n`],
  ["a space in the target", `GET /user/s1/ x HTTP/1.1\r\n${HOST}\r\n`],
  ["an absolute target", `GET http://evil.example/user/s1/ HTTP/1.1\r\n${HOST}\r\n`],
  ["a star", `OPTIONS * HTTP/1.1\r\n${HOST}\r\n`],
  ["two hosts", `GET /user/s1/ HTTP/1.1\r\n${HOST}Host: localhost\r\n\r\n`],
  ["a tunnel through us", `CONNECT localhost:22 HTTP/1.1\r\n${HOST}\r\n`],
  ["an endless header", `GET /user/s1/ HTTP/1.1\r\n${HOST}X: ${"x".repeat(40_000)}\r\n\r\n`],
  ["too many headers", `GET /user/s1/ HTTP/1.1\r\n${HOST}${"X: y\r\n".repeat(10_000)}\r\n`],
  ["an endless target", `GET /user/s1/${"x".repeat(40_000)} HTTP/1.1\r\n${HOST}\r\n`],
])("a request with %s is refused and never reaches the session whole", async (what, text) => {
  const connection = world.raw().send(text);
  connection.socket.end();
  const answer = await connection.ended();
  expect(answer === "" || /^HTTP\/1\.1 4\d\d /.test(answer)).toBe(true);
  const isLate = what.includes("in its middle");
  expect(session.asked()).toEqual(isLate ? ["POST /user/s1/"] : []);
  expect(session.requests.some((request) => request.complete)).toBe(false);
});

test("what is hidden behind a body is a body, not a request", async () => {
  const hidden = "GET /user/s1/hidden HTTP/1.1\r\nHost: localhost\r\n\r\n";
  const connection = world.raw();
  connection.send(
    `POST /user/s1/ HTTP/1.1\r\n${HOST}Content-Length: ${hidden.length}\r\nConnection: close\r\n\r\n${hidden}`,
  );
  expect(await connection.ended()).toContain("200 OK");
  expect(session.asked()).toHaveLength(1);
});

test("a GET with a body cannot smuggle a second request", async () => {
  const hidden = "GET /user/s1/hidden HTTP/1.1\r\nHost: localhost\r\n\r\n";
  for (const framed of [
    `Content-Length: ${hidden.length}\r\n\r\n${hidden}`,
    `Transfer-Encoding: chunked\r\n\r\n${hidden.length.toString(16)}\r\n${hidden}\r\n0\r\n\r\n`,
  ]) {
    session.requests.length = 0;
    const connection = world
      .raw()
      .send(`GET /user/s1/ HTTP/1.1\r\n${HOST}Connection: close\r\n${framed}`);
    expect(await connection.ended()).toContain("200 OK");
    expect(session.asked()).toHaveLength(1);
  }
});

test("a header that does not end is given up in time", async () => {
  const connection = world.raw().send(`GET /user/s1/ HTTP/1.1\r\n${HOST}X: `);
  expect(await connection.ended()).toMatch(/^(HTTP\/1\.1 408 |$)/);
});

test("a body that stops coming is given up in time, and the session is told", async () => {
  const connection = world.raw();
  connection.send(`POST /user/s1/ HTTP/1.1\r\n${HOST}Content-Length: 100\r\n\r\nabc`);
  await connection.ended();
  expect(session.requests).toHaveLength(1);
  const [request] = session.requests;
  await new Promise<void>((resolve) => {
    if (request?.destroyed === true) resolve();
    else request?.once("close", resolve);
  });
  expect(request?.complete).toBe(false);
});

test("a session that does not begin to answer is given up in time", async () => {
  const { status, text } = await world.ask("/user/s1/silence", {
    headers: { accept: "application/json" },
  });
  expect(status).toBe(504);
  expect(JSON.parse(text)).toMatchObject({ code: "session-silent" });
});

test("no garbage ends the gateway, and none gets through", async () => {
  const piece = fc.constantFrom(
    ...[
      "GET ",
      "POST ",
      "/user/s1/",
      " HTTP/1.1",
      "\r\n",
      "\n",
      "\r",
      HOST,
      "Content-Length: ",
      "0",
    ],
    ...[
      "5",
      "Transfer-Encoding: chunked\r\n",
      "Connection: ",
      "upgrade\r\n",
      "Upgrade: websocket\r\n",
    ],
    ...["Expect: 100-continue\r\n", "\r\n\r\n", ": ", "\0", "\xff", "Sec-WebSocket-Key: x\r\n"],
  );
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { minLength: 1, maxLength: 25 }), async (pieces) => {
      const connection = world.raw().send(pieces.join(""));
      connection.socket.end();
      await connection.ended();
      connection.socket.destroy();
    }),
    { numRuns: 150 },
  );
  expect(world.gateway.metrics().malformedRequests).toBeGreaterThan(0);
});

/** A session that answers with whatever bytes the test likes. */
function rawSession(id: string, onConnection: (socket: Socket) => void): Promise<Server> {
  world.route(id);
  const server = createServer(onConnection);
  return new Promise((resolve) => server.listen(world.socketOf(id), () => resolve(server)));
}

test.each([
  ["no HTTP", "hello\r\n\r\n"],
  ["two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"],
  [
    "a length and chunks",
    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
  ],
  ["an upgrade nobody asked for", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"],
  ["an endless header", `HTTP/1.1 200 OK\r\nX: ${"x".repeat(100_000)}`],
  ["nothing", ""],
])("a session that answers with %s is a 502, said by us", async (what, text) => {
  const id = `raw-${what.toLowerCase().replaceAll(/[^a-z]+/g, "-")}`;
  const server = await rawSession(id, (socket) => {
    socket.on("error", () => undefined);
    socket.once("data", () => socket.end(text, "latin1"));
  });
  const { status, text: body } = await world.ask(`/user/${id}/`);
  expect(status).toBe(502);
  expect(body).toContain("session");
  server.close();
});

test("connections that turn out to be dead do not cost the person the answer", async () => {
  const waiting: Socket[] = [];
  const server = await rawSession("dead", (socket) => {
    socket.on("error", () => undefined);
    let asked = 0;
    socket.on("data", () => {
      asked += 1;
      if (asked > 1) socket.destroy();
      else waiting.push(socket);
    });
  });
  const answerAll = () => {
    for (const socket of waiting.splice(0)) {
      socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    }
  };
  const first = Array.from({ length: 4 }, () => world.ask("/user/dead/"));
  await eventually(() => waiting.length === 4, "four are connected");
  answerAll();
  await Promise.all(first);
  const again = world.ask("/user/dead/");
  await eventually(() => waiting.length === 1, "a new connection is made");
  answerAll();
  expect((await again).text).toBe("ok");
  server.close();
});

test("bytes behind a response do not become the answer to the next request", async () => {
  const server = await rawSession("queue", (socket) => {
    socket.on("error", () => undefined);
    const poisoned = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison";
    socket.on("data", () =>
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood${poisoned}`),
    );
  });
  for (let count = 0; count < 5; count += 1) {
    expect((await world.ask("/user/queue/")).text).toBe("good");
  }
  server.close();
});

test("a response that breaks off is seen as broken, not as short", async () => {
  const server = await rawSession("short", (socket) => {
    socket.on("error", () => undefined);
    socket.once("data", () => socket.end("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"));
  });
  await expect(world.ask("/user/short/")).rejects.toThrow("aborted");
  server.close();
  await rm(world.socketOf("short"), { force: true });
});
