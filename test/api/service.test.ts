/** BinderHub's addresses for other programs: health, versions, providers, metrics, and a hub's. */
import { describe, expect, it } from "vitest";
import { type ApiUnderTest, apiUnderTest, session } from "../fixtures/api-under-test.ts";
import { worldWithThings } from "./tables/request-case.ts";

describe("health", () => {
  const asked = async (change: (world: ApiUnderTest) => void, method: "GET" | "HEAD" = "GET") => {
    const world = await worldWithThings();
    change(world);
    const response = await world.api.inject({ method, url: "/health" });
    return { status: response.statusCode, body: response.body };
  };

  it("has BinderHub's form: federations read the seats from it", async () => {
    const { status, body } = await asked(() => {});
    expect(status).toBe(200);
    expect(JSON.parse(body)).toEqual({
      ok: true,
      checks: [
        { service: "JupyterHub API", ok: true },
        { service: "Control loops", ok: true, stalled: [] },
        {
          service: "Pod quota",
          total_pods: 2,
          build_pods: 0,
          user_pods: 2,
          quota: 50,
          queued: 0,
          ok: true,
          _ignore_failure: true,
        },
      ],
    });
  });

  it.each([
    [
      "what exists is still being adopted",
      503,
      ({ controlPlane }: ApiUnderTest) => {
        controlPlane.isReadyNow = false;
      },
    ],
    [
      "a loop gets nothing done",
      503,
      ({ controlPlane }: ApiUnderTest) => {
        controlPlane.loopList = [
          { name: "launches", lastProgressAtMs: 0, isStalled: true, restarts: 1 },
        ];
      },
    ],
    [
      "all seats are taken: people queue",
      200,
      ({ controlPlane }: ApiUnderTest) => {
        controlPlane.sessionList = Array.from({ length: 50 }, (_, index) =>
          session(`session-${index}`, "x"),
        );
      },
    ],
  ])("when %s: %i, for HEAD without a body", async (_, status, change) => {
    const answer = await asked(change);
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.body).ok).toBe(status === 200);
    expect(await asked(change, "HEAD")).toEqual({ status, body: "" });
  });
});

describe("addresses of a hub", () => {
  it.each([
    ["/hub/api/health", ""],
    ["/hub/api", '{"version":"1.2.3"}'],
    ["/hub/api/", '{"version":"1.2.3"}'],
  ])("%s", async (url, body) => {
    const { api } = apiUnderTest();
    const response = await api.inject({ url });
    expect([response.statusCode, response.body]).toEqual([200, body]);
  });
});

describe("providers", () => {
  it.each([
    [true, ["gh", "gl", "gist", "git", "local"]],
    [false, ["gh", "gl", "gist", "git"]],
  ])("with folders of this machine allowed: %s", async (allowLocalRepos, ids) => {
    const { api } = apiUnderTest({ policy: { allowLocalRepos } });
    const displays = (await api.inject({ url: "/api/repoproviders" })).json();
    expect(displays.map(({ id }: { id: string }) => id)).toEqual(ids);
    for (const display of displays) {
      expect(display).toMatchObject({
        displayName: expect.any(String),
        spec: { validateRegex: expect.any(String) },
        repo: { label: expect.any(String), placeholder: expect.any(String) },
        ref: { enabled: true, default: "HEAD" },
      });
    }
  });
});

describe("metrics", () => {
  it("show what is in use, requests by route, and the gateway's own", async () => {
    const { api } = await worldWithThings({
      options: { gatewayMetrics: async () => "bindery_gateway_requests_total 7\n" },
    });
    const response = await api.inject({ url: "/metrics" });
    expect(response.headers["content-type"]).toBe("text/plain; version=0.0.4; charset=utf-8");
    for (const line of [
      'bindery_limit_used{limit="sessions"} 2',
      "binderhub_inprogress_launches 1",
      'bindery_http_requests_total{route="/api/v1/launches",method="POST",status="2xx"} 1',
      'bindery_loop_stalled{loop="launches"} 0',
      "bindery_gateway_requests_total 7",
      'bindery_incidents{cause="node-dns",state="open"} 1',
      'bindery_nodes{state="admitting"} 1',
      'bindery_nodes{state="quarantined"} 1',
      'bindery_nodes{state="draining"} 0',
      "bindery_waiting 7",
    ]) {
      expect(response.body.split("\n")).toContain(line);
    }
  });

  it("come without the gateway's when it does not answer", async () => {
    const { api, clock, logged } = await worldWithThings({
      options: { gatewayMetrics: () => new Promise(() => {}) },
    });
    const pending = api.inject({ url: "/metrics" });
    await clock.run(10);
    await clock.run(2_000);
    expect((await pending).statusCode).toBe(200);
    expect(logged.map(({ message }) => message)).toEqual(["the gateway's metrics are left out"]);
  });

  it("name no address that somebody invented", async () => {
    const { api } = await worldWithThings();
    for (const url of ["/invented-1", "/static/invented-2", "/v2/gh/invented-3"]) {
      await api.inject({ url });
    }
    expect((await api.inject({ url: "/metrics" })).body).not.toContain("invented");
  });
});
