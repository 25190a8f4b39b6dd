/** Bugs of BinderHub that its clients met, each of which is not here. */
import { describe, expect, it } from "vitest";
import { failure } from "#core/errors.ts";
import { apiUnderTest, session } from "../fixtures/api-under-test.ts";
import { build, buildToken, readyWorld } from "./tables/build-request.ts";

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
