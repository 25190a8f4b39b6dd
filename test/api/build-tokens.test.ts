/** Build tokens, and the rate limit for those who bring none. */
import { describe, expect, it } from "vitest";
import { apiUnderTest } from "../fixtures/api-under-test.ts";
import { build, buildToken, pageConfig, readyWorld } from "./tables/build-request.ts";

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
