/** Which pages may launch and change things, and what browsers are told about that. */
import { describe, expect, it } from "vitest";
import { ADMIN_TOKEN, apiUnderTest, session } from "../fixtures/api-under-test.ts";
import { readySteps } from "../fixtures/scripted-control-plane.ts";

const HOST = "127.0.0.1:8585";
const OURS = `http://${HOST}`;
const EVIL = "https://evil.example";

interface Case {
  readonly name: string;
  readonly headers: Record<string, string>;
  readonly corsAllowOrigin?: string;
  readonly isAllowed: boolean;
}

const CASES: readonly Case[] = [
  { name: "a program", headers: {}, isAllowed: true },
  {
    name: "our own page",
    headers: { origin: OURS, "sec-fetch-site": "same-origin" },
    isAllowed: true,
  },
  { name: "our own page, without fetch metadata", headers: { origin: OURS }, isAllowed: true },
  { name: "a person's own request", headers: { "sec-fetch-site": "none" }, isAllowed: true },
  { name: "a page of another site", headers: { origin: EVIL }, isAllowed: false },
  {
    name: "another port of this machine",
    headers: { origin: "http://127.0.0.1:3000" },
    isAllowed: false,
  },
  { name: "the same, hiding", headers: { "sec-fetch-site": "same-site" }, isAllowed: false },
  {
    name: "a picture on another site",
    headers: { "sec-fetch-site": "cross-site" },
    isAllowed: false,
  },
  { name: "a sandboxed frame", headers: { origin: "null" }, isAllowed: false },
  {
    name: "a lie in one of two",
    headers: { origin: EVIL, "sec-fetch-site": "same-origin" },
    isAllowed: false,
  },
  { name: "an allowed origin", headers: { origin: EVIL }, corsAllowOrigin: EVIL, isAllowed: true },
  {
    name: "one of several allowed",
    headers: { origin: EVIL },
    corsAllowOrigin: `https://a.example, ${EVIL}`,
    isAllowed: true,
  },
  {
    name: "one not among several",
    headers: { origin: EVIL },
    corsAllowOrigin: "https://a.example https://b.example",
    isAllowed: false,
  },
  {
    name: "any origin, where all are allowed",
    headers: { origin: EVIL, "sec-fetch-site": "cross-site" },
    corsAllowOrigin: "*",
    isAllowed: true,
  },
];

describe.each(CASES)("$name", ({ headers, corsAllowOrigin = null, isAllowed }) => {
  const world = () => {
    const made = apiUnderTest({ options: { corsAllowOrigin } });
    made.controlPlane.sessionList = [session("session-1", "the-token")];
    made.controlPlane.onSubmit = ({ id }) =>
      made.controlPlane.play(id, readySteps("session-1", "the-token"));
    return made;
  };
  const host = { host: HOST, "x-forwarded-host": HOST };

  it(`${isAllowed ? "may" : "may not"} launch by /build`, async () => {
    const { api, controlPlane } = world();
    const response = await api.inject({
      url: "/build/gh/owner/name/HEAD",
      headers: { ...host, accept: "text/event-stream", ...headers },
    });
    expect(response.statusCode).toBe(isAllowed ? 200 : 403);
    expect(controlPlane.submitted).toHaveLength(isAllowed ? 1 : 0);
    expect(response.body.includes('"origin-refused"')).toBe(!isAllowed);
  });

  it(`${isAllowed ? "may" : "may not"} change things, even with the right token`, async () => {
    const { api, controlPlane } = world();
    const response = await api.inject({
      method: "DELETE",
      url: "/api/v1/sessions/session-1",
      headers: { ...host, authorization: `Bearer ${ADMIN_TOKEN}`, ...headers },
    });
    expect(response.statusCode).toBe(isAllowed ? 204 : 403);
    expect(controlPlane.stopped).toEqual(isAllowed ? ["session-1"] : []);
  });
});

describe("tokens of pages", () => {
  it.each([
    ["our page", { origin: OURS }, 200],
    ["another page", { origin: EVIL }, 403],
    ["no page at all", {}, 403],
  ])("are renewed for: %s", async (_, headers, status) => {
    const { api } = apiUnderTest();
    const response = await api.inject({
      method: "POST",
      url: "/api/v1/page-tokens",
      headers: { host: HOST, ...headers },
    });
    expect(response.statusCode).toBe(status);
  });

  it("let a page launch for an hour", async () => {
    const { api, clock, controlPlane } = apiUnderTest();
    const headers = { host: HOST, origin: OURS };
    const renewed = await api.inject({ method: "POST", url: "/api/v1/page-tokens", headers });
    const submit = async () =>
      await api.inject({
        method: "POST",
        url: "/api/v1/launches",
        headers: { ...headers, authorization: `Bearer ${renewed.json().token}` },
        payload: { repo: "gh/owner/name" },
      });
    expect((await submit()).statusCode).toBe(202);
    expect(controlPlane.submitted[0]?.clientAddress).toBe("127.0.0.1");
    await clock.run(3_600_001);
    expect((await submit()).statusCode).toBe(401);
    expect(controlPlane.submitted).toHaveLength(1);
  });

  it("do not count as the operator's", async () => {
    const { api } = apiUnderTest();
    const headers = { host: HOST, origin: OURS };
    const renewed = await api.inject({ method: "POST", url: "/api/v1/page-tokens", headers });
    const authorization = `Bearer ${renewed.json().token}`;
    const list = await api.inject({ url: "/api/v1/sessions", headers: { authorization } });
    const canary = await api.inject({
      method: "POST",
      url: "/api/v1/launches",
      headers: { authorization },
      payload: { repo: "gh/owner/name", canary: true },
    });
    expect([list.statusCode, canary.statusCode]).toEqual([401, 401]);
  });

  it("of builds do not launch by our own API, nor the other way round", async () => {
    const { api, controlPlane } = apiUnderTest();
    const page = await api.inject({ url: "/v2/gh/owner/name/HEAD", headers: { host: HOST } });
    const tokens = JSON.parse(/pageConfig = (.*);<\/script>/.exec(page.body)?.[1] ?? "");
    const byPageApi = await api.inject({
      method: "POST",
      url: "/api/v1/launches",
      headers: { authorization: `Bearer ${tokens.buildToken}` },
      payload: { repo: "gh/owner/name" },
    });
    const byBuild = await api.inject({
      url: `/build/gh/owner/name/HEAD?build_token=${tokens.pageToken}`,
      headers: { host: HOST, accept: "text/event-stream" },
    });
    expect(byPageApi.statusCode).toBe(401);
    expect(byBuild.body).toContain("Invalid build token");
    expect(controlPlane.submitted).toEqual([]);
  });
});

describe("what browsers are told", () => {
  it.each([
    [null, EVIL, undefined],
    ["*", EVIL, "*"],
    [EVIL, EVIL, EVIL],
    [`https://a.example ${EVIL}`, EVIL, EVIL],
    ["https://a.example https://b.example", EVIL, undefined],
  ])("allowed %s, asked by %s", async (corsAllowOrigin, origin, answer) => {
    const { api } = apiUnderTest({ options: { corsAllowOrigin } });
    for (const method of ["OPTIONS", "GET"] as const) {
      const response = await api.inject({ method, url: "/health", headers: { origin } });
      expect(response.statusCode).toBe(200);
      expect(response.headers["access-control-allow-origin"]).toBe(answer);
      expect(response.headers["access-control-allow-headers"]).toMatch(
        /cache-control.*authorization.*last-event-id/,
      );
    }
  });

  it("everybody may compare versions", async () => {
    const { api } = apiUnderTest();
    const response = await api.inject({ url: "/versions", headers: { origin: EVIL } });
    expect(response.headers["access-control-allow-origin"]).toBe("*");
    expect(response.json()).toEqual({
      binderhub: "1.2.3",
      builder_info: { bindery: "1.2.3", jupyterlab: "4.5.0" },
    });
  });
});
