/** Sessions that start, end or hang; an API that restarts; a port that is taken. */
import { afterEach, describe, expect, test } from "vitest";
import { AppError } from "#core/errors.ts";
import {
  eventually,
  GatewayWorld,
  type StubServer,
  stubServer,
} from "../../fixtures/gateway-world.ts";

const BROWSER = { accept: "text/html,*/*" };
const JSON_ONLY = { accept: "application/json" };

let world: GatewayWorld;
afterEach(() => world.close());

describe("a session", () => {
  test("that starts shows a page that waits, then the session", async () => {
    world = await GatewayWorld.start();
    world.route("s1", { isStarting: true });
    const waiting = await world.ask("/user/s1/lab?token=t", { headers: BROWSER });
    expect(waiting.status).toBe(503);
    expect(waiting.headers["retry-after"]).toBe("1");
    expect(waiting.text).toContain("Your session is starting");
    expect(waiting.text).toContain("<script>");
    const json = await world.ask("/user/s1/api", { headers: JSON_ONLY });
    expect([json.status, JSON.parse(json.text).code]).toEqual([503, "session-starting"]);
    // The route still says that it starts: what counts is that it answers.
    const server = await stubServer(world.socketOf("s1"), (_request, response) =>
      response.end("lab"),
    );
    expect((await world.ask("/user/s1/lab?token=t", { headers: BROWSER })).text).toBe("lab");
    await server.stop();
  });

  test("whose socket is not there yet is one that starts", async () => {
    world = await GatewayWorld.start();
    world.route("s1");
    expect((await world.ask("/user/s1/")).text).toContain("Your session is starting");
  });

  test("that appears after the gateway's start is found by the first request", async () => {
    world = await GatewayWorld.start();
    await world.session("late", (_request, response) => response.end("here"));
    expect((await world.ask("/user/late/")).text).toBe("here");
    expect(world.routes.found).toEqual(["late"]);
    await world.ask("/user/late/");
    expect(world.routes.found).toEqual(["late"]);
  });

  test("that has just ended is 424, although its route was known", async () => {
    world = await GatewayWorld.start();
    const server = await world.session("s1", (_request, response) => response.end("here"));
    expect((await world.ask("/user/s1/")).status).toBe(200);
    await server.stop();
    world.routes.routes.delete("s1");
    const { status, text } = await world.ask("/user/s1/lab", { headers: BROWSER });
    expect(status).toBe(424);
    expect(text).toContain("Binder not found");
  });

  test("that exists and does not listen any more is said to be silent", async () => {
    world = await GatewayWorld.start();
    const { createServer } = await import("node:net");
    const dead = createServer();
    await new Promise<void>((resolve) => dead.listen({ host: "127.0.0.1", port: 0 }, resolve));
    const address = dead.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    await new Promise((resolve) => dead.close(resolve));
    world.route("s1", { target: { kind: "tcp", host: "127.0.0.1", port } });
    const { status, text } = await world.ask("/user/s1/", { headers: JSON_ONLY });
    expect([status, JSON.parse(text).code]).toEqual([503, "session-silent"]);
    expect(world.gateway.metrics().upstreamFaults.session.unreachable).toBe(2);
  });

  test("that was moved is found at its new place", async () => {
    world = await GatewayWorld.start();
    const first = await world.session("s1", (_request, response) => response.end("first"));
    expect((await world.ask("/user/s1/")).text).toBe("first");
    await first.stop();
    const path = world.socketOf("elsewhere");
    const second = await stubServer(path, (_request, response) => response.end("second"));
    world.route("s1", { target: { kind: "unix", path } });
    expect((await world.ask("/user/s1/")).text).toBe("second");
    await second.stop();
  });
});

describe("an API that is being restarted", () => {
  const answer = (stub: { name: string }) => ({
    handler: (
      request: NodeJS.ReadableStream & { method?: string },
      response: { end(text: string): void },
    ) => {
      let body = "";
      request.on("data", (chunk) => {
        body += String(chunk);
      });
      request.on("end", () => response.end(`${stub.name}${body}`));
    },
  });

  test("is waited for, so that nobody notices: also by those who send something", async () => {
    world = await GatewayWorld.start();
    const asked = [
      world.ask("/build/gh/a/b/main"),
      world.ask("/api/v1/launches", { method: "POST", body: "a wish" }),
    ];
    await eventually(() => world.gateway.metrics().held.now === 2, "both are held");
    await world.api(answer({ name: "back:" }).handler as never);
    const answers = await Promise.all(asked);
    expect(answers.map(({ status, text }) => [status, text])).toEqual([
      [200, "back:"],
      [200, "back:a wish"],
    ]);
    expect(world.gateway.metrics().held).toEqual({ now: 0, released: 2, givenUp: 0 });
  });

  test("and killed under a question that may be repeated, answers it after its return", async () => {
    world = await GatewayWorld.start();
    const first: StubServer = await stubServer(world.apiSocket, () => {
      void first.stop().then(() => world.api(answer({ name: "second" }).handler as never));
    });
    expect((await world.ask("/health")).text).toBe("second");
  });

  test("and killed under something that must not be done twice, says so", async () => {
    world = await GatewayWorld.start();
    let asked = 0;
    const first: StubServer = await stubServer(world.apiSocket, () => {
      asked += 1;
      const again = () => world.api(answer({ name: "second" }).handler as never);
      void first
        .stop()
        .then(again)
        .then((second) => {
          second.server.on("request", () => {
            asked += 1;
          });
        });
    });
    const { status } = await world.ask("/api/v1/launches", { method: "POST", body: "a wish" });
    expect([status, asked]).toEqual([502, 1]);
  });

  test("for too long gives a page that comes back by itself, and JSON for programs", async () => {
    world = await GatewayWorld.start({ limits: { holdMs: 50, closeGraceMs: 0 } });
    const page = await world.ask("/", { headers: BROWSER });
    expect([page.status, page.headers["retry-after"]]).toEqual([503, "1"]);
    expect(page.text).toContain("Bindery restarts");
    expect(page.text).toContain("<script>");
    const json = await world.ask("/api/v1/limits", { headers: JSON_ONLY });
    expect([json.status, JSON.parse(json.text).code]).toEqual([503, "server-restarting"]);
    expect(world.gateway.metrics().held.givenUp).toBe(2);
    await world.api(answer({ name: "back" }).handler as never);
    expect((await world.ask("/", { headers: BROWSER })).text).toBe("back");
  });

  test("makes only so many wait", async () => {
    world = await GatewayWorld.start({ limits: { heldRequestsMax: 3, holdMs: 20_000 } });
    const asked = Array.from({ length: 3 }, () => world.ask("/"));
    await eventually(() => world.gateway.metrics().held.now === 3, "three are held");
    expect((await world.ask("/")).status).toBe(503);
    await world.api(answer({ name: "back" }).handler as never);
    expect((await Promise.all(asked)).map(({ status }) => status)).toEqual([200, 200, 200]);
  });

  test("disturbs no session", async () => {
    world = await GatewayWorld.start({ limits: { holdMs: 20_000 } });
    await world.session("s1", (_request, response) => response.end("still here"));
    const held = world.ask("/");
    await eventually(() => world.gateway.metrics().held.now === 1, "one is held");
    for (let count = 0; count < 20; count += 1) {
      expect((await world.ask("/user/s1/")).text).toBe("still here");
    }
    await world.api(answer({ name: "back" }).handler as never);
    expect((await held).text).toBe("back");
  });

  test("forgets those who did not wait", async () => {
    world = await GatewayWorld.start({ limits: { holdMs: 20_000 } });
    const impatient = world.request("/");
    impatient.on("error", () => undefined);
    impatient.end();
    await eventually(() => world.gateway.metrics().held.now === 1, "one is held");
    impatient.destroy();
    await eventually(() => world.gateway.metrics().connections.now === 0, "it has gone");
    const api = await world.api(answer({ name: "back" }).handler as never);
    await eventually(() => world.gateway.metrics().held.now === 0, "it is let go");
    expect((await world.ask("/other")).text).toBe("back");
    expect(api.asked()).toEqual(["GET /other"]);
  });
});

describe("the gateway itself", () => {
  test("says so when its port is taken", async () => {
    world = await GatewayWorld.start();
    const { createGateway } = await import("#gateway/gateway.ts");
    const { systemClock } = await import("#drivers/system/clock.ts");
    const { DEFAULT_POLICY } = await import("#core/policy.ts");
    const { silentLog, StubRoutes } = await import("../../fixtures/gateway-world.ts");
    const second = createGateway({
      routes: new StubRoutes(),
      clock: systemClock,
      log: silentLog,
      api: { socketPath: world.apiSocket },
      policy: DEFAULT_POLICY,
    });
    const failed = second.listen({ host: "127.0.0.1", port: world.port });
    await expect(failed).rejects.toThrow(AppError);
    await expect(failed).rejects.toMatchObject({ failure: { code: "port-taken" } });
    await second.close();
  });

  test("has an address while it listens, and can be closed twice", async () => {
    world = await GatewayWorld.start();
    expect(world.gateway.address).toEqual({
      host: "127.0.0.1",
      port: world.port,
      url: `http://127.0.0.1:${world.port}`,
    });
    await Promise.all([world.gateway.close(), world.gateway.close()]);
    expect(world.gateway.address).toBeNull();
    await expect(world.ask("/")).rejects.toThrow("ECONNREFUSED");
  });

  test("lets a request that is short come to its end when it is closed", async () => {
    world = await GatewayWorld.start({ limits: { closeGraceMs: 20_000 } });
    let finish = () => undefined as void;
    await world.session("s1", (_request, response) => {
      finish = () => void response.end("done");
    });
    const asked = world.ask("/user/s1/");
    await eventually(() => world.gateway.metrics().connections.now === 1, "it is connected");
    const before = finish;
    await eventually(() => finish !== before, "the session has it");
    const closing = world.gateway.close();
    finish();
    expect((await asked).text).toBe("done");
    await closing;
  });
});
