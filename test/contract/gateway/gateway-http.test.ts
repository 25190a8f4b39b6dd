/** What passes through the gateway, what does not, and what it answers itself. */
import { symlink, writeFile } from "node:fs/promises";
import { Agent } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { GatewayWorld, type StubServer, stubServer } from "../../fixtures/gateway-world.ts";

const BROWSER = { accept: "text/html,application/xhtml+xml,*/*;q=0.8" };
const JSON_ONLY = { accept: "application/json" };

let world: GatewayWorld;
let api: StubServer;
let session: StubServer;

beforeAll(async () => {
  world = await GatewayWorld.start({ allowedHosts: ["bindery.example"] });
  api = await world.api((request, response) => {
    response.setHeader("x-answered-by", "api");
    response.end(JSON.stringify({ path: request.url, headers: request.headers }));
  });
  session = await world.session("s1", (request, response) => {
    if (request.url === "/user/s1/teapot") {
      response.writeHead(418, "I'm a teapot", [
        ...["Set-Cookie", "a=1", "Set-Cookie", "b=2"],
        ...["Service-Worker-Allowed", "/", "Connection", "X-Hop", "X-Hop", "1"],
      ]);
      response.end("short and stout");
      return;
    }
    const { method, url, headers, rawHeaders } = request;
    const body = JSON.stringify({ method, url, headers, rawHeaders });
    response.setHeader("content-length", Buffer.byteLength(body));
    response.end(body);
  });
  world.routes.hint();
});
afterAll(() => world.close());
beforeEach(() => {
  api.requests.length = 0;
  session.requests.length = 0;
  world.routes.found.length = 0;
});

describe("sessions", () => {
  test("a request reaches the session with its path unchanged, and with the person's address", async () => {
    const headers = {
      host: "bindery.example",
      cookie: "a=1",
      "x-forwarded-for": "6.6.6.6",
      "x-forwarded-proto": "https",
      "x-real-ip": "6.6.6.6",
      "x-scheme": "https",
      connection: "close, x-secret",
      "x-secret": "1",
      te: "trailers",
    };
    const { status, text } = await world.ask("/user/s1/a%2Fb/../c?x=%20&y", { headers });
    const seen = JSON.parse(text);
    expect(status).toBe(200);
    expect(seen.url).toBe("/user/s1/a%2Fb/../c?x=%20&y");
    expect(seen.headers).toEqual({
      host: "bindery.example",
      cookie: "a=1",
      "x-forwarded-for": "127.0.0.1",
      "x-forwarded-proto": "http",
      "x-forwarded-host": "bindery.example",
    });
  });

  test("a response comes back with its status, its reason, all its cookies, and nothing of the hop", async () => {
    const { status, headers, text } = await world.ask("/user/s1/teapot");
    expect(status).toBe(418);
    expect(text).toBe("short and stout");
    expect(headers["set-cookie"]).toEqual(["a=1", "b=2"]);
    expect(headers["x-hop"]).toBeUndefined();
    expect(headers["service-worker-allowed"]).toBeUndefined();
  });

  test.each(["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])("%s is passed on", async (method) => {
    const { text } = await world.ask("/user/s1/api/x", { method });
    expect(JSON.parse(text).method).toBe(method);
  });

  test("HEAD has the header of GET and no body", async () => {
    const { status, headers, body } = await world.ask("/user/s1/", { method: "HEAD" });
    expect(status).toBe(200);
    expect(Number(headers["content-length"])).toBeGreaterThan(0);
    expect(body.length).toBe(0);
  });

  test("one connection carries many requests, to the gateway and behind it", async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const before = world.gateway.metrics().connections.total;
    for (let count = 0; count < 20; count += 1) {
      expect((await world.ask("/user/s1/", { agent })).status).toBe(200);
    }
    agent.destroy();
    expect(world.gateway.metrics().connections.total - before).toBe(1);
    const behind = new Set(session.requests.map((request) => request.socket));
    expect(behind.size).toBe(1);
  });

  test("pipelined requests are answered in their order", async () => {
    const connection = world.raw();
    const lines = (path: string) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
    connection.send(lines("/user/s1/1") + lines("/one") + lines("/user/s1/2") + lines("/user/no/"));
    const text = await connection.until((received) => received.includes("424"));
    const order = ['"/user/s1/1"', '"/one"', '"/user/s1/2"', "Binder not found"];
    const places = order.map((part) => text.indexOf(part));
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(places).not.toContain(-1);
    connection.socket.destroy();
  });

  test("a session without the slash gets it, with the query; an unknown one does not", async () => {
    const known = await world.ask("/user/s1?token=t");
    expect([known.status, known.headers.location]).toEqual([307, "/user/s1/?token=t"]);
    expect((await world.ask("/user/unknown?token=t")).status).toBe(424);
  });

  test("a session that was restarted behind an open connection answers the next request", async () => {
    const path = world.socketOf("again");
    const first = await stubServer(path, (_request, response) => response.end("first"));
    world.route("again");
    expect((await world.ask("/user/again/")).text).toBe("first");
    await first.stop();
    const second = await stubServer(path, (_request, response) => response.end("second"));
    expect((await world.ask("/user/again/")).text).toBe("second");
    await second.stop();
  });

  test("a session on a long path is reached", async () => {
    const target = join(world.directory, "d".repeat(60), "e".repeat(60), "server.sock");
    const { mkdir } = await import("node:fs/promises");
    await mkdir(join(target, ".."), { recursive: true });
    await symlink(join(target, ".."), join(world.directory, "short"));
    const long = await stubServer(
      join(world.directory, "short", "server.sock"),
      (_request, response) => response.end("far away"),
    );
    world.route("long", { target: { kind: "unix", path: target } });
    expect((await world.ask("/user/long/")).text).toBe("far away");
    await long.stop();
  });

  test("a session by address is reached", async () => {
    const { createServer } = await import("node:http");
    const server = createServer((_request, response) => response.end("by address"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    world.route("tcp", { target: { kind: "tcp", host: "127.0.0.1", port } });
    expect((await world.ask("/user/tcp/")).text).toBe("by address");
    await new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
  });
});

describe("what does not exist", () => {
  test("an unknown session is 424 at the edge: one look, and nothing for the API", async () => {
    const { status, text, headers } = await world.ask("/user/unknown1/lab", { headers: BROWSER });
    expect(status).toBe(424);
    expect(text).toContain("Binder not found");
    expect(text).toContain('href="/"');
    expect(headers["content-type"]).toContain("text/html");
    expect(world.routes.found).toEqual(["unknown1"]);
    expect(api.asked()).toEqual([]);
  });

  test("a program gets JSON", async () => {
    const { status, text } = await world.ask("/user/unknown2/api", { headers: JSON_ONLY });
    expect(status).toBe(424);
    expect(JSON.parse(text)).toMatchObject({ code: "session-not-found" });
  });

  test.each(["/user/..%2fetc/", "/user/A/", "/user/a_b/x", `/user/${"a".repeat(200)}/`])(
    "%s cannot be a session, so nobody is asked",
    async (path) => {
      expect((await world.ask(path)).status).toBe(424);
      expect(world.routes.found).toEqual([]);
      expect(api.asked()).toEqual([]);
    },
  );

  test.each(["/user", "/user/", "/static-server/x/lab/main.js", "/static-server/"])(
    "%s is 404, ours to say",
    async (path) => {
      const { status, text } = await world.ask(path, { headers: BROWSER });
      expect(status).toBe(404);
      expect(text).toContain("Binder not found");
      expect(api.asked()).toEqual([]);
    },
  );

  test.each(["/", "/build/gh/a/b/main", "/no/such/page", "/users/s1/"])(
    "%s is the API's",
    async (path) => {
      const { headers, text } = await world.ask(path);
      expect(headers["x-answered-by"]).toBe("api");
      expect(JSON.parse(text).path).toBe(path);
    },
  );

  test.each(["api/bindery/claim", "api/bindery/%63laim", "x/../api/bindery/claim"])(
    "%s of a session cannot be reached from outside",
    async (rest) => {
      const { status } = await world.ask(`/user/s1/${rest}`, { method: "POST" });
      expect(status).toBe(404);
      expect(session.asked()).toEqual([]);
    },
  );

  test("a link in place of a session's socket leads nowhere", async () => {
    await symlink(world.apiSocket, world.socketOf("sly"));
    world.route("sly");
    expect((await world.ask("/user/sly/")).status).toBe(503);
    expect(api.asked()).toEqual([]);
  });

  test("a file in place of a session's socket leads nowhere", async () => {
    await writeFile(world.socketOf("file"), "");
    world.route("file");
    expect((await world.ask("/user/file/")).status).toBe(503);
  });
});

describe("host names", () => {
  test.each([
    "localhost",
    "127.0.0.1:1",
    "[::1]",
    "192.168.7.7",
    "bindery.example",
    "a.localhost:80",
  ])("%s is answered", async (host) => {
    expect((await world.ask("/", { headers: { host } })).status).toBe(200);
  });

  test.each([
    "evil.example",
    "evil.example:8585",
    "bindery.example.evil.example",
    "localhost.evil",
  ])(
    "%s is refused before anything else: its page could be in somebody's browser",
    async (host) => {
      for (const path of ["/", "/user/s1/", "/user/unknown/", "/static-server/x/lab/a.js"]) {
        const { status, text } = await world.ask(path, { headers: { host } });
        expect(status).toBe(421);
        expect(text).toContain("allowedHosts");
      }
      expect([...api.asked(), ...session.asked()]).toEqual([]);
    },
  );
});

describe("numbers", () => {
  test("answers are counted by who gave them", async () => {
    const before = world.gateway.metrics();
    await world.ask("/user/s1/");
    await world.ask("/");
    await world.ask("/user/unknown/");
    const after = world.gateway.metrics();
    expect(after.requests.session["2xx"] - before.requests.session["2xx"]).toBe(1);
    expect(after.requests.api["2xx"] - before.requests.api["2xx"]).toBe(1);
    expect(after.requests.gateway["4xx"] - before.requests.gateway["4xx"]).toBe(1);
    expect(after.unknownSessions - before.unknownSessions).toBe(1);
    expect(after.latency.count - before.latency.count).toBe(2);
    expect(after.bytes.sent).toBeGreaterThan(before.bytes.sent);
    expect(after.routes).toBe(world.routes.routes.size);
  });
});
