/** One line of the tables: a request, its answer, and what must not happen. */
import { expect } from "vitest";
import {
  ADMIN_TOKEN,
  type ApiUnderTest,
  apiUnderTest,
  session,
} from "../../fixtures/api-under-test.ts";
import { INCIDENTS } from "../../fixtures/operator-things.ts";
import { KEY } from "../../fixtures/scripted-control-plane.ts";

export const LAUNCH = "launch-0123456789abcdef";
export const SESSION = "session-1";
export const admin = { authorization: `Bearer ${ADMIN_TOKEN}` };
export const own = { authorization: "Bearer token-of-session-1" };
export const stranger = { authorization: "Bearer something-else" };

export interface RequestCase {
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

export const nothingBegan = ({ controlPlane }: ApiUnderTest): void => {
  expect(controlPlane.submitted.slice(1)).toEqual([]);
};

/** Sends the request of a line to a fresh API and compares the answer. */
export async function checkRequest(expected: RequestCase): Promise<void> {
  const world = await worldWithThings();
  const response = await world.api.inject({
    method: expected.method ?? "GET",
    url: expected.url,
    headers: expected.headers ?? {},
    ...(expected.body !== undefined && { payload: expected.body as object | string }),
  });
  const { statusCode: status, body } = response;
  expect({ status, body }).toMatchObject({ status: expected.status });
  if (expected.code !== undefined) {
    expect(response.json()).toMatchObject({ error: { code: expected.code } });
  }
  if (expected.json !== undefined) expect(response.json()).toMatchObject(expected.json as object);
  if (expected.text !== undefined) expect(body).toMatch(expected.text);
  expect(response.headers).toMatchObject(expected.sentHeaders ?? {});
  expected.check?.(world, body);
}

/** One launch under way, two sessions, one environment. */
export async function worldWithThings(changes: Parameters<typeof apiUnderTest>[0] = {}) {
  const world = apiUnderTest({ incidents: INCIDENTS, ...changes });
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
