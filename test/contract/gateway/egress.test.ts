/** The filtered way out of a sandbox: what it leads to, what it refuses, and how it says so. */
import { chmod, lstat, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import * as http from "node:http";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { systemClock } from "#drivers/system/clock.ts";
import { createEgressFilter, type EgressListener, type EgressOptions } from "#gateway/egress.ts";
import { bodyOf, eventually, GatewayWorld, silentLog } from "../../fixtures/gateway-world.ts";

let directory: string;
let web: http.Server;
let webPort: number;
let echo: Server;
let echoPort: number;
const asked: http.IncomingMessage[] = [];
const listeners: EgressListener[] = [];
let count = 0;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "bindery-egress-"));
  web = http.createServer((request, response) => {
    asked.push(request);
    response.writeHead(200, { "x-hop": "1", connection: "x-hop" });
    void bodyOf(request).then((body) => {
      response.end(`${request.method} ${request.url} ${body.toString()}`);
    });
  });
  webPort = await portOf(web);
  echo = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.pipe(socket);
  });
  echoPort = await portOf(echo);
});
afterEach(async () => {
  asked.length = 0;
  for (const listener of listeners.splice(0)) await listener.close();
});
afterAll(async () => {
  web.close();
  web.closeAllConnections();
  echo.close();
  await rm(directory, { recursive: true, force: true });
});

function portOf(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
  });
}

const NAMES: Record<string, readonly string[]> = {
  "web.test": ["127.0.0.1"],
  "public.test": ["192.0.2.1"],
  "inside.test": ["10.0.0.1", "fd00::1"],
  "metadata.test": ["169.254.169.254"],
};

async function listen(options: Partial<EgressOptions> = {}): Promise<string> {
  const filter = createEgressFilter({
    resolve: async (host) => NAMES[host] ?? [],
    allowHosts: [`web.test:${webPort}`, `web.test:${echoPort}`],
    clock: systemClock,
    log: silentLog,
    ...options,
  });
  count += 1;
  const listener = await filter.listen(join(directory, `${count}.sock`));
  listeners.push(listener);
  return listener.path;
}

interface Tunnel {
  readonly status: number;
  readonly reason: string;
  readonly text: string;
  readonly socket: Socket;
}

/** CONNECT, as clients of a proxy do. */
function tunnel(socketPath: string, authority: string): Promise<Tunnel> {
  return new Promise((resolve, reject) => {
    const socket = connect(socketPath);
    let text = "";
    socket.setEncoding("latin1");
    socket.once("error", reject);
    const look = (): void => {
      const end = text.indexOf("\r\n\r\n");
      if (end === -1) return;
      const [, status = "", reason = ""] = /^HTTP\/1\.1 (\d+) (.*)\r\n/.exec(text) ?? [];
      const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
      if (text.length < end + 4 + length) return;
      socket.off("data", onData);
      resolve({ status: Number(status), reason, text: text.slice(end + 4), socket });
    };
    const onData = (chunk: Buffer | string): void => {
      text += String(chunk);
      look();
    };
    socket.on("data", onData);
    socket.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n\r\n`);
  });
}

function fetchBy(
  socketPath: string,
  path: string,
  options: { method?: string; headers?: http.OutgoingHttpHeaders; body?: string } = {},
): Promise<{ status: number; headers: http.IncomingHttpHeaders; text: string; reason: string }> {
  return new Promise((resolve, reject) => {
    const { method = "GET", headers = {}, body } = options;
    const request = http.request({ socketPath, path, method, headers, agent: false });
    request.once("error", reject);
    request.once("response", (response) => {
      const { statusCode = 0, statusMessage = "", headers: got } = response;
      void bodyOf(response).then((text) => {
        resolve({ status: statusCode, headers: got, text: String(text), reason: statusMessage });
      });
    });
    request.end(body);
  });
}

describe("a tunnel", () => {
  test("carries bytes both ways, and half-closes", async () => {
    const { status, socket } = await tunnel(await listen(), `web.test:${echoPort}`);
    expect(status).toBe(200);
    let text = "";
    socket.on("data", (chunk) => {
      text += String(chunk);
    });
    const ended = new Promise((resolve) => socket.once("end", resolve));
    socket.end("hello");
    await ended;
    expect(text).toBe("hello");
  });

  test.each([
    "127.0.0.1:443",
    "127.1:443",
    "0x7f000001:443",
    "[::1]:443",
    "[::ffff:10.0.0.1]:443",
    "169.254.169.254:80",
    "10.0.0.1:443",
    "inside.test:443",
    "metadata.test:80",
    "web.test:443",
    "public.test:22",
    "public.test:8080",
  ])("to %s is refused, in words that a person at a terminal sees", async (authority) => {
    const { status, reason, text, socket } = await tunnel(await listen(), authority);
    expect(status).toBe(403);
    expect(reason).toMatch(/^Refused by Bindery: /);
    expect(text).toContain("public addresses by HTTP and HTTPS only");
    socket.destroy();
  });

  test("to this machine's own ports is refused although the port is named", async () => {
    const { status } = await tunnel(await listen(), `127.0.0.1:${echoPort}`);
    expect(status).toBe(403);
  });

  test("to an unknown name says so", async () => {
    const { status, text } = await tunnel(await listen(), "unknown.test:443");
    expect(status).toBe(502);
    expect(text).toContain("unknown.test");
  });

  test("goes to the address that was checked, whatever the name means a moment later", async () => {
    let asks = 0;
    const path = await listen({
      allowHosts: [],
      resolve: async () => {
        asks += 1;
        return asks === 1 ? ["192.0.2.1"] : ["127.0.0.1"];
      },
      limits: { connectTimeoutMs: 50 },
    });
    // Nobody answers at the documentation address; loopback would.
    const { status } = await tunnel(path, "rebinding.test:80");
    expect([status, asks]).toEqual([502, 1]);
  });

  test("whose name is looked up for too long is given up", async () => {
    const path = await listen({
      resolve: () => new Promise(() => undefined),
      limits: { resolveTimeoutMs: 20 },
    });
    expect((await tunnel(path, "slow.test:443")).status).toBe(502);
  });

  test("beyond the session's limit is refused until another ends", async () => {
    const path = await listen({ limits: { connectionsMax: 2 } });
    const authority = `web.test:${echoPort}`;
    const [first, second] = [await tunnel(path, authority), await tunnel(path, authority)];
    const third = await tunnel(path, authority);
    expect([first.status, second.status, third.status]).toEqual([200, 200, 429]);
    const closed = new Promise((resolve) => first.socket.once("close", resolve));
    first.socket.destroy();
    await closed;
    let again = await tunnel(path, authority);
    while (again.status === 429) again = await tunnel(path, authority);
    expect(again.status).toBe(200);
    second.socket.destroy();
    again.socket.destroy();
  });

  test("on which nothing moves is closed", async () => {
    const path = await listen({ limits: { idleMs: 50 } });
    const { socket } = await tunnel(path, `web.test:${echoPort}`);
    await new Promise((resolve) => socket.once("close", resolve));
    expect(socket.destroyed).toBe(true);
  });
});

describe("a plain request", () => {
  test("reaches the server with its path, without what was meant for the proxy", async () => {
    const { status, text, headers } = await fetchBy(
      await listen(),
      `http://web.test:${webPort}/a?b=%20`,
      {
        headers: {
          host: "something.else",
          "proxy-authorization": "secret",
          "proxy-connection": "keep-alive",
          "x-mine": "1",
        },
      },
    );
    expect([status, text]).toEqual([200, "GET /a?b=%20 "]);
    expect(headers["x-hop"]).toBeUndefined();
    expect(asked[0]?.headers).toEqual({
      "x-mine": "1",
      host: `web.test:${webPort}`,
      connection: "close",
    });
  });

  test.each([{ "content-length": 5 }, { "transfer-encoding": "chunked" }])(
    "carries its body with %j, in every method",
    async (headers) => {
      const path = await listen();
      for (const method of ["POST", "PUT", "GET", "DELETE"]) {
        const options = { method, headers, body: "hello" };
        const { text } = await fetchBy(path, `http://web.test:${webPort}/up`, options);
        expect(text).toBe(`${method} /up hello`);
      }
      expect(asked).toHaveLength(4);
    },
  );

  test.each([
    "http://127.0.0.1/",
    "http://inside.test/",
    "http://public.test:8080/",
    "http://public.test:22/",
    "http://169.254.169.254/latest/meta-data/",
  ])("to %s is refused", async (url) => {
    const { status, text, reason } = await fetchBy(await listen(), url);
    expect(status).toBe(403);
    expect(reason).toMatch(/^Refused by Bindery/);
    expect(text).toContain("is refused");
  });

  test.each([
    "/",
    "https://public.test/",
    "http:///",
    "http://user@public.test/",
    "ftp://public.test/",
  ])("for %s is told what this is", async (url) => {
    const { status, text } = await fetchBy(await listen(), url);
    expect(status).toBe(400);
    expect(text).toContain("Bindery");
  });
});

describe("behind a proxy that the machine needs", () => {
  let proxy: http.Server;
  let proxyPort: number;
  const seen: string[] = [];

  beforeAll(async () => {
    proxy = http.createServer((request, response) => {
      seen.push(`${request.method} ${request.url} ${request.headers["proxy-authorization"]}`);
      void bodyOf(request).then((body) => response.end(`by proxy ${body.toString()}`));
    });
    proxy.on("connect", (request: http.IncomingMessage, socket: Socket) => {
      seen.push(`CONNECT ${request.url} ${request.headers["proxy-authorization"]}`);
      if (request.url === "forbidden.test:443") {
        socket.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
        return;
      }
      socket.on("error", () => undefined);
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      socket.pipe(socket);
    });
    proxyPort = await portOf(proxy);
  });
  afterEach(() => {
    seen.length = 0;
  });
  afterAll(() => {
    proxy.close();
    proxy.closeAllConnections();
  });

  const upstreamProxy = () => `http://me:pass%20word@127.0.0.1:${proxyPort}`;
  const authorization = `Basic ${Buffer.from("me:pass word").toString("base64")}`;

  test("tunnels and requests go there, by name and with its credentials", async () => {
    const path = await listen({ upstreamProxy: upstreamProxy() });
    const { status, socket } = await tunnel(path, "unknown.test:443");
    expect(status).toBe(200);
    socket.write("ping");
    const [data] = await new Promise<[string]>((resolve) => {
      socket.once("data", (chunk) => resolve([String(chunk)]));
    });
    expect(data).toBe("ping");
    socket.destroy();
    const { text } = await fetchBy(path, "http://unknown.test/x", { method: "POST", body: "b" });
    expect(text).toBe("by proxy b");
    expect(seen).toEqual([
      `CONNECT unknown.test:443 ${authorization}`,
      `POST http://unknown.test/x ${authorization}`,
    ]);
  });

  test("what is refused without it is refused with it", async () => {
    const path = await listen({ upstreamProxy: upstreamProxy() });
    for (const authority of ["127.0.0.1:443", "inside.test:443", "unknown.test:22"]) {
      expect((await tunnel(path, authority)).status).toBe(403);
    }
    expect(seen).toEqual([]);
  });

  test("that refuses is an error that names nothing of it", async () => {
    const path = await listen({ upstreamProxy: upstreamProxy() });
    const { status, text } = await tunnel(path, "forbidden.test:443");
    expect(status).toBe(502);
    expect(text).not.toContain("word");
    expect(text).not.toContain(String(proxyPort));
  });
});

describe("its socket", () => {
  test("is open to every user who gets into the directory, whatever the mask says", async () => {
    const mask = process.umask(0o077);
    const path = await listen();
    process.umask(mask);
    expect((await lstat(path)).mode & 0o777).toBe(0o777);
  });

  test("takes the place of what a killed process left, and never touches what a link leads to", async () => {
    const path = join(directory, "stale.sock");
    const precious = join(directory, "precious");
    await writeFile(precious, "x");
    await chmod(precious, 0o600);
    await symlink(precious, path);
    const filter = createEgressFilter({
      resolve: async () => [],
      clock: systemClock,
      log: silentLog,
    });
    const listener = await filter.listen(path);
    expect((await lstat(path)).isSocket()).toBe(true);
    expect((await lstat(precious)).mode & 0o777).toBe(0o600);
    await listener.close();
    await expect(lstat(path)).rejects.toThrow("ENOENT");
    expect((await lstat(precious)).isFile()).toBe(true);
  });

  test("may lie on a long path", async () => {
    const deep = join(directory, "d".repeat(60), "e".repeat(60));
    await mkdir(deep, { recursive: true });
    const filter = createEgressFilter({
      resolve: async () => [],
      clock: systemClock,
      log: silentLog,
    });
    const listener = await filter.listen(join(deep, "egress.sock"));
    expect((await lstat(join(deep, "egress.sock"))).isSocket()).toBe(true);
    await listener.close();
    await expect(lstat(join(deep, "egress.sock"))).rejects.toThrow("ENOENT");
  });
});

test("each session has its own, opened with its route and closed with it", async () => {
  const world = await GatewayWorld.start({
    egress: { resolve: async (host) => NAMES[host] ?? [], allowHosts: [`web.test:${webPort}`] },
  });
  const path = join(world.directory, "egress.sock");
  const isThere = () =>
    lstat(path).then(
      () => true,
      () => false,
    );
  world.route("s1", { egressSocket: path });
  world.route("s2");
  world.routes.hint();
  while (!(await isThere())) await world.ask("/user/none/");
  const { text } = await fetchBy(path, `http://web.test:${webPort}/x`);
  expect(text).toBe("GET /x ");
  world.routes.routes.delete("s1");
  world.routes.hint();
  while (await isThere()) await world.ask("/user/none/");
  // One that is learnt by a request alone.
  world.route("s3", { egressSocket: path });
  await world.ask("/user/s3/");
  while (!(await isThere())) await world.ask("/user/none/");
  await world.close();
  await eventually(() => true, "it is closed");
  expect(await isThere()).toBe(false);
});
