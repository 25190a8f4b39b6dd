/** What each address answers, as a table: status, body, and what must not happen. */
import { describe, expect, it } from "vitest";
import { failure } from "#core/errors.ts";
import {
  ADMIN_TOKEN,
  type ApiUnderTest,
  apiUnderTest,
  session,
} from "../fixtures/api-under-test.ts";
import { KEY, readySteps } from "../fixtures/scripted-control-plane.ts";

const LAUNCH = "launch-0123456789abcdef";
const SESSION = "session-1";
const admin = { authorization: `Bearer ${ADMIN_TOKEN}` };
const own = { authorization: "Bearer token-of-session-1" };
const stranger = { authorization: "Bearer something-else" };

interface Case {
  readonly name: string;
  readonly method?: "GET" | "POST" | "DELETE" | "HEAD" | "OPTIONS";
  readonly url: string;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
  readonly status: number;
  /** Code of the failure. */
  readonly code?: string;
  /** Part of the JSON that is answered. */
  readonly json?: unknown;
  readonly text?: RegExp;
  readonly sentHeaders?: Record<string, string>;
  readonly check?: (world: ApiUnderTest, body: string) => void;
}

const nothingBegan = ({ controlPlane }: ApiUnderTest) => {
  expect(controlPlane.submitted.slice(1)).toEqual([]);
};

const LAUNCHES: readonly Case[] = [
  {
    name: "the operator submits an address",
    method: "POST",
    url: "/api/v1/launches",
    headers: admin,
    body: { repo: "https://github.com/owner/name", id: "chosen-by-the-client-1" },
    status: 202,
    json: { id: "chosen-by-the-client-1", phase: "waiting", isNew: true, urlPath: null },
    check: ({ controlPlane }) => {
      const [, wish] = controlPlane.submitted;
      expect(wish).toMatchObject({ clientAddress: null, buildOnly: false, isCanary: false });
      expect(wish?.repo).toMatchObject({ provider: "gh", spec: "owner/name", ref: null });
    },
  },
  {
    name: "an address that names a file says what to open",
    method: "POST",
    url: "/api/v1/launches",
    headers: admin,
    body: { repo: "https://github.com/owner/name/blob/main/a%20b.ipynb" },
    status: 202,
    json: { urlPath: "lab/tree/a%20b.ipynb" },
  },
  {
    name: "what to open can be chosen",
    method: "POST",
    url: "/api/v1/launches",
    headers: admin,
    body: { provider: "gh", spec: "owner/name", ref: "v1", urlPath: "/tree/x" },
    status: 202,
    json: { urlPath: "tree/x", repo: { ref: "v1" } },
  },
  {
    name: "what to open cannot lead out of the session",
    method: "POST",
    url: "/api/v1/launches",
    headers: admin,
    body: { provider: "gh", spec: "owner/name", urlPath: "https://evil.example/" },
    status: 400,
    code: "request-invalid",
    check: nothingBegan,
  },
  {
    name: "the same wish twice is one launch",
    method: "POST",
    url: "/api/v1/launches",
    headers: admin,
    body: { provider: "gh", spec: "known/repo", id: LAUNCH },
    status: 202,
    json: { isNew: false },
    check: nothingBegan,
  },
  {
    name: "another wish with a known id is refused",
    method: "POST",
    url: "/api/v1/launches",
    headers: admin,
    body: { provider: "gh", spec: "other/repo", id: LAUNCH },
    status: 409,
    code: "launch-conflict",
    check: nothingBegan,
  },
  {
    name: "without a token nothing is launched",
    method: "POST",
    url: "/api/v1/launches",
    body: { repo: "gh/owner/name" },
    status: 401,
    code: "token-required",
    sentHeaders: { "www-authenticate": "Bearer" },
    check: nothingBegan,
  },
  {
    name: "a session's token launches nothing",
    method: "POST",
    url: "/api/v1/launches",
    headers: own,
    body: { repo: "gh/owner/name" },
    status: 401,
    code: "token-required",
    check: nothingBegan,
  },
  {
    name: "neither an address nor a provider",
    method: "POST",
    url: "/api/v1/launches",
    headers: admin,
    body: {},
    status: 400,
    code: "request-invalid",
  },
  {
    name: "an address and a provider",
    method: "POST",
    url: "/api/v1/launches",
    headers: admin,
    body: { repo: "gh/owner/name", provider: "gh", spec: "owner/name" },
    status: 400,
    code: "request-invalid",
  },
  {
    name: "a field that does not exist",
    method: "POST",
    url: "/api/v1/launches",
    headers: admin,
    body: { repo: "gh/owner/name", refs: "v1" },
    status: 400,
    code: "request-invalid",
    text: /refs/,
    check: nothingBegan,
  },
  {
    name: "an id that can be guessed",
    method: "POST",
    url: "/api/v1/launches",
    headers: admin,
    body: { repo: "gh/owner/name", id: "short" },
    status: 400,
    code: "request-invalid",
  },
  {
    name: "an address that is not understood",
    method: "POST",
    url: "/api/v1/launches",
    headers: admin,
    body: { repo: "not a repository" },
    status: 400,
    code: "repo-spec-invalid",
  },
  {
    name: "a secret in an address is not repeated",
    method: "POST",
    url: "/api/v1/launches",
    headers: admin,
    body: { repo: "https://me:s3cret-word@example.org/x.git" },
    status: 400,
    code: "repo-spec-invalid",
    check: (_world, body) => expect(body).not.toContain("s3cret-word"),
  },
  {
    name: "a body that is no JSON",
    method: "POST",
    url: "/api/v1/launches",
    headers: { ...admin, "content-type": "application/json" },
    body: "{",
    status: 400,
    code: "request-invalid",
  },
  {
    name: "a body that is larger than the limit",
    method: "POST",
    url: "/api/v1/launches",
    headers: admin,
    body: { repo: "x".repeat(70_000) },
    status: 413,
    code: "body-too-large",
  },
  {
    name: "a body of another kind",
    method: "POST",
    url: "/api/v1/launches",
    headers: { ...admin, "content-type": "text/xml" },
    body: "<a/>",
    status: 400,
    code: "request-invalid",
  },
  {
    name: "who knows a launch's id may look",
    url: `/api/v1/launches/${LAUNCH}`,
    status: 200,
    json: { id: LAUNCH, phase: "waiting", failure: null },
  },
  {
    name: "a launch that does not exist",
    url: "/api/v1/launches/unknown-0123456789",
    status: 404,
    code: "launch-not-found",
  },
  {
    name: "events of a launch that does not exist",
    url: "/api/v1/launches/unknown-0123456789/events",
    status: 404,
    code: "launch-not-found",
  },
  {
    name: "an id in no known form",
    url: "/api/v1/launches/..%2f..%2fetc",
    status: 400,
    code: "request-invalid",
  },
  {
    name: "who knows a launch's id may cancel",
    method: "DELETE",
    url: `/api/v1/launches/${LAUNCH}`,
    status: 204,
    check: ({ controlPlane }) => expect(controlPlane.cancelled).toEqual([LAUNCH]),
  },
  {
    name: "all launches are the operator's to see",
    url: "/api/v1/launches",
    status: 401,
    code: "token-required",
  },
  {
    name: "a list of launches shows no token",
    url: "/api/v1/launches",
    headers: admin,
    status: 200,
    json: [{ id: LAUNCH }],
    check: (_world, body) => expect(body).not.toContain("token-of"),
  },
];

const SESSIONS: readonly Case[] = [
  {
    name: "all sessions are the operator's to see",
    url: "/api/v1/sessions",
    headers: own,
    status: 401,
    code: "token-required",
  },
  {
    name: "the list shows no token",
    url: "/api/v1/sessions",
    headers: admin,
    status: 200,
    json: [{ id: SESSION, path: `/user/${SESSION}/`, state: { kind: "running" } }, {}],
    check: (_world, body) => expect(body).not.toContain("token-of"),
  },
  {
    name: "a session's own token shows it",
    url: `/api/v1/sessions/${SESSION}`,
    headers: own,
    status: 200,
    json: { id: SESSION },
  },
  {
    name: "Jupyter's spelling of a token",
    url: `/api/v1/sessions/${SESSION}`,
    headers: { authorization: "token token-of-session-1" },
    status: 200,
  },
  {
    name: "another session's token does not",
    url: "/api/v1/sessions/session-2",
    headers: own,
    status: 401,
    code: "token-required",
  },
  {
    name: "no token at all",
    url: `/api/v1/sessions/${SESSION}`,
    status: 401,
    code: "token-required",
  },
  {
    name: "a session that has gone",
    url: "/api/v1/sessions/gone",
    headers: own,
    status: 404,
    code: "session-not-found",
  },
  {
    name: "its owner ends it",
    method: "DELETE",
    url: `/api/v1/sessions/${SESSION}`,
    headers: own,
    status: 204,
    check: ({ controlPlane }) => expect(controlPlane.stopped).toEqual([SESSION]),
  },
  {
    name: "a stranger does not end it",
    method: "DELETE",
    url: `/api/v1/sessions/${SESSION}`,
    headers: stranger,
    status: 401,
    code: "token-required",
    check: ({ controlPlane }) => expect(controlPlane.stopped).toEqual([]),
  },
  {
    name: "its owner prolongs it",
    method: "POST",
    url: `/api/v1/sessions/${SESSION}/extend`,
    headers: own,
    body: { byMs: 60_000 },
    status: 200,
    json: { endsAtMs: Date.UTC(2026, 0, 1, 0, 1) },
  },
  {
    name: "not beyond the age limit",
    method: "POST",
    url: `/api/v1/sessions/${SESSION}/extend`,
    headers: own,
    body: { byMs: 7_200_000 },
    status: 403,
    code: "extend-refused",
  },
  {
    name: "not into the past",
    method: "POST",
    url: `/api/v1/sessions/${SESSION}/extend`,
    headers: own,
    body: { byMs: -1 },
    status: 400,
    code: "request-invalid",
  },
  {
    name: "its log",
    url: `/api/v1/sessions/${SESSION}/logs?bytes=7`,
    headers: own,
    status: 200,
    text: /^line 2\n$/,
  },
  {
    name: "more log than there may be",
    url: `/api/v1/sessions/${SESSION}/logs?bytes=999999999`,
    headers: own,
    status: 400,
    code: "request-invalid",
  },
];

const OPERATIONS: readonly Case[] = [
  { name: "builds", url: "/api/v1/builds", headers: admin, status: 200, json: [] },
  { name: "builds, stranger", url: "/api/v1/builds", status: 401, code: "token-required" },
  {
    name: "environments",
    url: "/api/v1/environments",
    headers: admin,
    status: 200,
    json: [{ key: KEY }],
  },
  {
    name: "environments, stranger",
    url: "/api/v1/environments",
    headers: stranger,
    status: 401,
    code: "token-required",
  },
  {
    name: "an environment",
    url: `/api/v1/environments/${KEY}`,
    headers: admin,
    status: 200,
    json: { key: KEY, pythonVersion: "3.12.1" },
  },
  {
    name: "an environment that does not exist",
    url: `/api/v1/environments/${"0".repeat(64)}`,
    headers: admin,
    status: 404,
    code: "environment-not-found",
  },
  {
    name: "a key that is a path",
    url: "/api/v1/environments/..%2Fadmin-token",
    headers: admin,
    status: 400,
    code: "request-invalid",
  },
  {
    name: "a lock",
    url: `/api/v1/environments/${KEY}/lock`,
    headers: admin,
    status: 200,
    text: /^numpy==2\.0\.0\n$/,
  },
  {
    name: "a build's log",
    url: `/api/v1/environments/${KEY}/log`,
    headers: admin,
    status: 200,
    text: /^installed\n$/,
  },
  {
    name: "pruning",
    method: "POST",
    url: "/api/v1/environments/prune",
    headers: admin,
    body: { bytesMax: 5 },
    status: 200,
    json: { removed: [KEY], freedBytes: 10 },
    check: ({ controlPlane }) => expect(controlPlane.pruned).toEqual([5]),
  },
  {
    name: "pruning, stranger",
    method: "POST",
    url: "/api/v1/environments/prune",
    headers: own,
    body: { bytesMax: 0 },
    status: 401,
    code: "token-required",
    check: ({ controlPlane }) => expect(controlPlane.pruned).toEqual([]),
  },
  {
    name: "limits",
    url: "/api/v1/limits",
    status: 200,
    json: { sessions: { used: 2, max: 50 }, policy: { queueMax: 1000 } },
  },
  {
    name: "loops",
    url: "/api/v1/loops",
    headers: admin,
    status: 200,
    json: [{ name: "launches", isStalled: false }],
  },
  {
    name: "history of a kind that does not exist",
    url: "/api/v1/history?kind=secrets",
    headers: admin,
    status: 400,
    code: "request-invalid",
  },
  { name: "history", url: "/api/v1/history?kind=launch", headers: admin, status: 200, json: [] },
  { name: "the reference", url: "/api/openapi.json", status: 200, json: { openapi: "3.1.0" } },
  { name: "an unknown address", url: "/api/v1/nothing", status: 404, code: "not-found" },
  {
    name: "a method that is not there",
    method: "DELETE",
    url: "/api/v1/sessions",
    headers: admin,
    status: 404,
    code: "not-found",
  },
  { name: "a broken encoding", url: "/api/v1/%zz", status: 400, code: "request-invalid" },
  {
    name: "a preflight",
    method: "OPTIONS",
    url: "/build/gh/owner/name/HEAD",
    status: 200,
    text: /^$/,
    check: nothingBegan,
  },
];

describe.each([
  ["launches", LAUNCHES],
  ["sessions", SESSIONS],
  ["operations", OPERATIONS],
] as const)("%s", (_group, cases) => {
  it.each(cases)("$name", async (expected) => {
    const world = await worldWithThings();
    const response = await world.api.inject({
      method: expected.method ?? "GET",
      url: expected.url,
      headers: expected.headers ?? {},
      ...(expected.body !== undefined && { payload: expected.body as object | string }),
    });
    expect({ status: response.statusCode, body: response.body }).toMatchObject({
      status: expected.status,
    });
    if (expected.code !== undefined) {
      expect(response.json()).toMatchObject({ error: { code: expected.code } });
    }
    if (expected.json !== undefined) expect(response.json()).toMatchObject(expected.json as object);
    if (expected.text !== undefined) expect(response.body).toMatch(expected.text);
    expect(response.headers).toMatchObject(expected.sentHeaders ?? {});
    expected.check?.(world, response.body);
  });
});

describe("a launch that has ended", () => {
  it("shows its token to who knows its id, and to no list", async () => {
    const { api, controlPlane } = await worldWithThings();
    controlPlane.play(LAUNCH, readySteps(SESSION, "token-of-session-1"));
    const launch = await api.inject({ url: `/api/v1/launches/${LAUNCH}` });
    const list = await api.inject({ url: "/api/v1/launches", headers: admin });
    expect(launch.json()).toMatchObject({ result: { token: "token-of-session-1" } });
    expect(list.json()).toMatchObject([{ result: { token: null, sessionId: SESSION } }]);
  });

  it("tells when to come again if it was refused for that", async () => {
    const { api, controlPlane } = await worldWithThings();
    controlPlane.refuseWith = failure("queue-full", undefined, { retryAfterSeconds: 29.2 });
    const body = { repo: "gh/owner/name" };
    const url = "/api/v1/launches";
    const response = await api.inject({ method: "POST", url, headers: admin, payload: body });
    expect(response.statusCode).toBe(429);
    expect(response.headers["retry-after"]).toBe("30");
  });
});

async function worldWithThings(): Promise<ApiUnderTest> {
  const world = apiUnderTest();
  const { api, controlPlane } = world;
  controlPlane.sessionList = [
    session(SESSION, "token-of-session-1"),
    session("session-2", "token-of-session-2"),
  ];
  controlPlane.environmentList = [
    {
      key: KEY,
      builtAtMs: 1,
      lastUsedAtMs: 2,
      sizeBytes: 3,
      buildDurationMs: 4,
      pythonVersion: "3.12.1",
      server: "generic",
      serverBecause: "nothing asks for another",
      builtFor: "https://github.com/owner/name",
    },
  ];
  const payload = { provider: "gh", spec: "known/repo", id: LAUNCH };
  await api.inject({ method: "POST", url: "/api/v1/launches", headers: admin, payload });
  return world;
}
