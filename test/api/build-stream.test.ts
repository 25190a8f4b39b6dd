/** BinderHub's `/build`: what its clients read, frame by frame, and the bugs of the original that are not here. */
import { describe, expect, it } from "vitest";
import { failure } from "#core/errors.ts";
import { type ApiUnderTest, apiUnderTest, session } from "../fixtures/api-under-test.ts";
import { eventsOf, framesOf } from "../fixtures/event-frames.ts";
import { COMMIT, KEY, readySteps } from "../fixtures/scripted-control-plane.ts";

const SSE = { accept: "text/event-stream" };

async function build(world: ApiUnderTest, path: string, headers: Record<string, string> = {}) {
  const response = await world.api.inject({
    url: `/build/${path}`,
    headers: { host: "binder.example", ...SSE, ...headers },
  });
  return { response, events: eventsOf(response.body), frames: framesOf(response.body) };
}

/** Every launch goes straight to its end. */
function readyWorld(options: Parameters<typeof apiUnderTest>[0] = {}): ApiUnderTest {
  const world = apiUnderTest(options);
  world.controlPlane.onSubmit = ({ id }) =>
    world.controlPlane.play(id, readySteps("session-1", "the-token"));
  return world;
}

describe("a launch whose environment is known", () => {
  it("gives the events and fields that BinderHub's clients read", async () => {
    const { response, events } = await build(readyWorld(), "gh/owner/name/main", {
      "x-forwarded-for": "203.0.113.9",
      "x-forwarded-proto": "https",
    });
    expect(response.statusCode).toBe(200);
    expect(response.headers).toMatchObject({
      "content-type": "text/event-stream",
      "cache-control": "no-cache",
    });
    expect(events).toEqual([
      {
        phase: "built",
        message: "Found built image, launching...\n",
        imageName: `bindery/environment:${KEY}`,
      },
      { phase: "launching", message: "Launching server...\n" },
      {
        phase: "ready",
        message: "server running at https://binder.example/user/session-1/\n",
        url: "https://binder.example/user/session-1/",
        token: "the-token",
        image: `bindery/environment:${KEY}`,
        repo_url: "https://github.com/owner/name",
        binder_ref_url: `https://github.com/owner/name/tree/${COMMIT}`,
        binder_launch_host: "https://binder.example/",
        binder_request: "v2/gh/owner/name/main",
        binder_persistent_request: `v2/gh/owner/name/${COMMIT}`,
        binder_client_ip: "203.0.113.9",
      },
    ]);
  });

  it("passes the address of the person on, as the gateway saw it", async () => {
    const world = readyWorld();
    await build(world, "gh/owner/name/main", { "x-forwarded-for": "10.9.9.9, 203.0.113.9" });
    expect(world.controlPlane.submitted[0]?.clientAddress).toBe("203.0.113.9");
  });

  it("says where people see it when the operator says so", async () => {
    const world = readyWorld({ options: { publicUrl: "https://hub.example/" } });
    const { events } = await build(world, "gh/owner/name/main");
    expect(events.at(-1)).toMatchObject({
      url: "https://hub.example/user/session-1/",
      binder_launch_host: "https://hub.example/",
    });
  });

  it("keeps slashes and encodings of the spec", async () => {
    const world = readyWorld();
    const url = "https%3A%2F%2Fgit.example.org%2Fsome%2Frepo";
    await build(world, `git/${url}/feature/x/`);
    expect(world.controlPlane.submitted[0]?.repo).toMatchObject({
      provider: "git",
      url: "https://git.example.org/some/repo",
      ref: "feature/x",
    });
  });
});

describe("a launch that builds", () => {
  it("passes every line on with a line break, and waiting in a queue as waiting", async () => {
    const world = apiUnderTest();
    world.controlPlane.onSubmit = ({ id }) =>
      world.controlPlane.play(id, [
        { phase: "waiting", message: "Waiting for build to start..." },
        { phase: "fetching", message: "Cloning" },
        { phase: "building", message: "Resolved 12 packages\n" },
        { phase: "pushing", message: "Storing" },
        { phase: "built", message: "The environment is built." },
        {
          phase: "queued",
          message: "All seats are taken; place 3 in the queue.",
          queue: { position: 3, waitMs: 90_000 },
        },
        ...readySteps("session-1", "the-token").slice(1),
      ]);
    const { events } = await build(world, "gh/owner/name/main");
    expect(events.slice(0, 6)).toEqual([
      { phase: "waiting", message: "Waiting for build to start...\n" },
      { phase: "fetching", message: "Cloning\n" },
      { phase: "building", message: "Resolved 12 packages\n" },
      { phase: "pushing", message: "Storing\n" },
      {
        phase: "built",
        message: "Built image, launching...\n",
        imageName: `bindery/environment:${KEY}`,
      },
      {
        phase: "waiting",
        message: "All seats are taken; place 3 in the queue. About 1 min 30 s left.\n",
        queue: { position: 3, waitMs: 90_000 },
      },
    ]);
    expect(events.at(-1)).toMatchObject({ phase: "ready" });
  });

  it.each([
    [true, "Done! Found built image\n"],
    [false, "Done! Image built\n"],
  ])(
    "ends without a session when only the build is asked for (reused: %s)",
    async (isReused, message) => {
      const world = apiUnderTest();
      const result = {
        sessionId: null,
        path: null,
        token: null,
        commit: COMMIT,
        environmentKey: KEY,
      };
      world.controlPlane.onSubmit = ({ id }) =>
        world.controlPlane.play(id, [{ phase: "ready", message: "Done.", result, isReused }]);
      const { events } = await build(world, "gh/owner/name/main?build_only=True");
      expect(world.controlPlane.submitted[0]?.buildOnly).toBe(true);
      expect(events).toEqual([
        { phase: "ready", message, imageName: `bindery/environment:${KEY}` },
      ]);
    },
  );
});

describe("a refusal", () => {
  const CASES = [
    ["no provider", "nope/owner/name/HEAD", {}, 404, "No provider found for prefix nope\n"],
    [
      "a spec without a ref",
      "gh/owner/name",
      {},
      400,
      'Spec is not of the form "user/repo/ref", provided: "owner/name". Did you mean "owner/name/HEAD"?\n',
    ],
    [
      "no event stream wanted",
      "gh/owner/name/HEAD",
      { accept: "text/html" },
      400,
      "Missing Accept header: text/event-stream\n",
    ],
    [
      "a build token that is not ours",
      "gh/owner/name/HEAD?build_token=a.b.c",
      {},
      403,
      "Invalid build token\n",
    ],
  ] as const;

  it.each(CASES)(
    "%s: one event with a status, and nothing begins",
    async (_, path, headers, status, message) => {
      const world = apiUnderTest();
      const { response, events } = await build(world, path, headers);
      expect(response.statusCode).toBe(200);
      expect(events).toHaveLength(1);
      expect(events[0]).toMatchObject({ phase: "failed", message, status_code: status });
      expect(world.controlPlane.submitted).toEqual([]);
    },
  );

  it("tells a client that reconnects by itself to stop", async () => {
    const world = apiUnderTest();
    const { frames } = await build(world, "gh/owner/name");
    const again = await build(world, "gh/owner/name", { "last-event-id": frames[0]?.id ?? "" });
    expect(again.response.statusCode).toBe(204);
  });

  it("passes on what the control plane refuses", async () => {
    const world = apiUnderTest();
    world.controlPlane.refuseWith = failure("queue-full", undefined, { retryAfterSeconds: 30 });
    const { events, response } = await build(world, "gh/owner/name/HEAD");
    expect(events).toMatchObject([{ phase: "failed", status_code: 429 }]);
    expect(response.headers["retry-after"]).toBe("30");
  });

  it("does not open folders of its machine to strangers", async () => {
    const world = apiUnderTest({ policy: { allowLocalRepos: false } });
    const { events } = await build(world, "local/%2Fetc/HEAD");
    expect(events).toMatchObject([{ phase: "failed", status_code: 403 }]);
    expect(world.controlPlane.submitted).toEqual([]);
  });
});

describe("bugs of the original that clients met", () => {
  it.each([
    "text/event-stream",
    "text/event-stream;q=0.9",
    "text/event-stream, */*",
    "application/json, Text/Event-Stream; charset=utf-8",
  ])("Accept is read as a list: %s", async (accept) => {
    const { events } = await build(readyWorld(), "gh/owner/name/HEAD", { accept });
    expect(events.at(-1)).toMatchObject({ phase: "ready" });
  });

  it("a failed build gives one failure, with a message, and ends the stream", async () => {
    const world = apiUnderTest();
    world.controlPlane.onSubmit = ({ id }) => {
      world.controlPlane.play(id, [{ phase: "building", message: "Resolving" }]);
      world.controlPlane.fail(id, failure("resolve-failed", "There is no numpy==99."));
    };
    // `inject` resolves when the stream has ended.
    const { events } = await build(world, "gh/owner/name/HEAD");
    const failed = events.filter(({ phase }) => phase === "failed");
    expect(failed).toHaveLength(1);
    expect(failed[0]?.["message"]).toMatch(/^There is no numpy==99\.\n.+\n$/);
    expect(failed[0]).toMatchObject({ error: { code: "resolve-failed", fault: "repository" } });
  });

  it("a failure without words of its own still has some", async () => {
    const world = apiUnderTest();
    world.controlPlane.onSubmit = ({ id }) =>
      world.controlPlane.play(id, [
        { phase: "failed", message: "", failure: failure("build-interrupted") },
      ]);
    const { events } = await build(world, "gh/owner/name/HEAD");
    expect(events).toMatchObject([{ phase: "failed" }]);
    expect(events[0]?.["message"]).toMatch(/^The build was interrupted\.\n/);
  });

  it("a client that reconnects joins its launch instead of beginning another", async () => {
    const world = readyWorld();
    const first = await build(world, "gh/owner/name/HEAD");
    const seen = first.frames.findIndex(({ data }) => data?.["phase"] === "built");
    const lastId = first.frames[seen]?.id ?? "";
    const again = await build(world, "gh/owner/name/HEAD", { "last-event-id": lastId });
    expect(again.events.map(({ phase }) => phase)).toEqual(["launching", "ready"]);
    expect(world.controlPlane.submitted).toHaveLength(1);
  });

  it("a client that lost the connection before the first event joins its launch", async () => {
    const world = readyWorld();
    const first = await build(world, "gh/owner/name/HEAD");
    expect(first.frames[0]).toMatchObject({ data: null });
    const lastId = first.frames[0]?.id ?? "";
    const again = await build(world, "gh/owner/name/HEAD", { "last-event-id": lastId });
    expect(again.events).toEqual(first.events);
    expect(world.controlPlane.submitted).toHaveLength(1);
  });

  it("a client that has the last event is told to stop, and nothing is built again", async () => {
    const world = readyWorld();
    const { frames } = await build(world, "gh/owner/name/HEAD");
    const lastId = frames.at(-1)?.id ?? "";
    const again = await build(world, "gh/owner/name/HEAD", { "last-event-id": lastId });
    expect(again.response.statusCode).toBe(204);
    expect(world.controlPlane.submitted).toHaveLength(1);
  });

  it("a launch that the control plane forgot goes on under the same id", async () => {
    const world = readyWorld();
    const { frames } = await build(world, "gh/owner/name/HEAD");
    world.controlPlane.forgetLaunches();
    await world.clock.run(1_000);
    const lastId = frames[1]?.id ?? "";
    const again = await build(world, "gh/owner/name/HEAD", { "last-event-id": lastId });
    expect(again.events.map(({ phase }) => phase)).toEqual(["built", "launching", "ready"]);
    const [one, other] = world.controlPlane.submitted;
    expect(other?.id).toBe(one?.id);
  });

  it("an id of another repository's launch does not lead to it", async () => {
    const world = readyWorld();
    const { frames } = await build(world, "gh/owner/name/HEAD");
    const again = await build(world, "gh/other/name/HEAD", {
      "last-event-id": frames[0]?.id ?? "",
    });
    expect(again.events.at(-1)).toMatchObject({ binder_request: "v2/gh/other/name/HEAD" });
    const [one, other] = world.controlPlane.submitted;
    expect(other?.id).not.toBe(one?.id);
  });

  it("one page's token begins one launch, also without Last-Event-ID", async () => {
    const world = readyWorld();
    world.controlPlane.sessionList = [session("session-1", "the-token")];
    const token = await buildToken(world, "gh/owner/name/HEAD");
    const path = `gh/owner/name/HEAD?build_token=${token}`;
    await build(world, path);
    const again = await build(world, path);
    expect(again.events.at(-1)).toMatchObject({ phase: "ready" });
    expect(world.controlPlane.submitted).toHaveLength(1);
  });

  it("after a failure the same page may try again", async () => {
    const world = apiUnderTest();
    world.controlPlane.onSubmit = ({ id }) =>
      world.controlPlane.fail(id, failure("index-unreachable"));
    const token = await buildToken(world, "gh/owner/name/HEAD");
    await build(world, `gh/owner/name/HEAD?build_token=${token}`);
    await build(world, `gh/owner/name/HEAD?build_token=${token}`);
    expect(world.controlPlane.submitted).toHaveLength(2);
  });
});

describe("build tokens", () => {
  it.each([
    ["another repository", "gh/other/name/HEAD", {}],
    ["another host", "gh/owner/name/HEAD", { host: "elsewhere.example" }],
  ])("one for %s is refused", async (_, path, headers) => {
    const world = apiUnderTest();
    const token = await buildToken(world, "gh/owner/name/HEAD");
    const { events } = await build(world, `${path}?build_token=${token}`, headers);
    expect(events).toMatchObject([{ status_code: 403, message: "Invalid build token\n" }]);
    expect(world.controlPlane.submitted).toEqual([]);
  });

  it("expire after five minutes", async () => {
    const world = readyWorld();
    const token = await buildToken(world, "gh/owner/name/HEAD");
    await world.clock.run(299_000);
    const path = `gh/owner/name/HEAD?build_token=${token}`;
    expect((await build(world, path)).events.at(-1)).toMatchObject({ phase: "ready" });
    await world.clock.run(2_000);
    expect((await build(world, path)).events).toMatchObject([{ status_code: 403 }]);
  });

  it("of the start page are for every repository", async () => {
    const world = readyWorld({ options: { rateLimit: { limit: 0, periodMs: 1 } } });
    const page = await world.api.inject({ url: "/", headers: { host: "binder.example" } });
    const token = pageConfig(page.body)["buildToken"];
    const { events } = await build(world, `gh/any/thing/HEAD?build_token=${String(token)}`);
    expect(events.at(-1)).toMatchObject({ phase: "ready" });
  });
});

describe("the rate limit", () => {
  const limited = { options: { rateLimit: { limit: 2, periodMs: 3_600_000 } } };

  it("counts launches of one address without a token, and says what is left", async () => {
    const world = readyWorld(limited);
    const ask = (path: string) => build(world, path, { "x-forwarded-for": "203.0.113.9" });
    const first = await ask("gh/owner/one/HEAD");
    expect(first.response.headers).toMatchObject({
      "x-ratelimit-limit": "2",
      "x-ratelimit-remaining": "1",
      "x-ratelimit-reset": String(Date.UTC(2026, 0, 1, 1) / 1_000),
    });
    await world.clock.run(600_000);
    await ask("gh/owner/two/HEAD");
    const refused = await ask("gh/owner/three/HEAD");
    expect(refused.events).toMatchObject([
      { status_code: 429, message: "Rate limit exceeded. Try again in 3000 seconds.\n" },
    ]);
    expect(refused.response.headers).toMatchObject({
      "retry-after": "3000",
      "x-ratelimit-remaining": "0",
    });
    const other = await build(world, "gh/owner/four/HEAD", { "x-forwarded-for": "203.0.113.8" });
    expect(other.events.at(-1)).toMatchObject({ phase: "ready" });
    await world.clock.run(3_000_000);
    expect((await ask("gh/owner/three/HEAD")).events.at(-1)).toMatchObject({ phase: "ready" });
  });

  it("is not used up by what is malformed, nor by joining a launch again", async () => {
    const world = readyWorld(limited);
    for (const path of ["gh/owner", "nope/x/y", "gh/owner/name/a..b"]) await build(world, path);
    const { frames, response } = await build(world, "gh/owner/name/HEAD");
    expect(response.headers["x-ratelimit-remaining"]).toBe("1");
    const headers = { "last-event-id": frames[0]?.id ?? "" };
    for (let count = 0; count < 5; count += 1) await build(world, "gh/owner/name/HEAD", headers);
    const second = await build(world, "gh/owner/other/HEAD");
    expect(second.response.headers["x-ratelimit-remaining"]).toBe("0");
  });

  it("is not walked around by an invented Last-Event-ID", async () => {
    const world = readyWorld({ options: { rateLimit: { limit: 0, periodMs: 1_000 } } });
    const headers = { "last-event-id": "invented-0123456789:3@abc" };
    const { events } = await build(world, "gh/owner/name/HEAD", headers);
    expect(events).toMatchObject([{ status_code: 429 }]);
  });
});

describe("a quiet stream", () => {
  it("is kept alive by a comment in every interval", async () => {
    const world = apiUnderTest();
    const { controlPlane, clock } = world;
    const pending = build(world, "gh/owner/name/HEAD");
    await clock.run(24_000);
    await clock.run(52_000);
    controlPlane.play(controlPlane.submitted[0]?.id ?? "", readySteps("session-1", "the-token"));
    const { frames } = await pending;
    const comments = frames.flatMap((frame) => frame.comments);
    expect(comments).toEqual([":keepalive", ":keepalive", ":keepalive"]);
  });
});

async function buildToken(world: ApiUnderTest, spec: string): Promise<string> {
  const page = await world.api.inject({ url: `/v2/${spec}`, headers: { host: "binder.example" } });
  return String(pageConfig(page.body)["buildToken"]);
}

function pageConfig(html: string): Record<string, unknown> {
  const script = /<script nonce="[^"]+">window\.pageConfig = (.*);<\/script>/.exec(html);
  return JSON.parse(script?.[1] ?? "null");
}
