/** BinderHub's `/build`, frame by frame: phases, fields, refusals. */
import { describe, expect, it } from "vitest";
import { failure } from "#core/errors.ts";
import { apiUnderTest } from "../fixtures/api-under-test.ts";
import { COMMIT, KEY, readySteps } from "../fixtures/scripted-control-plane.ts";
import { build, readyWorld } from "./tables/build-request.ts";

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

  it("a look at the headers alone launches nothing", async () => {
    const { api, controlPlane } = apiUnderTest();
    const headers = { accept: "text/event-stream" };
    const response = await api.inject({
      method: "HEAD",
      url: "/build/gh/owner/name/HEAD",
      headers,
    });
    expect(response.statusCode).toBe(404);
    expect(controlPlane.submitted).toEqual([]);
  });

  it("does not open folders of its machine to strangers", async () => {
    const world = apiUnderTest({ policy: { allowLocalRepos: false } });
    const { events } = await build(world, "local/%2Fetc/HEAD");
    expect(events).toMatchObject([{ phase: "failed", status_code: 403 }]);
    expect(world.controlPlane.submitted).toEqual([]);
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
