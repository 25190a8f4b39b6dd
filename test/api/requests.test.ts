/** What each address answers: the tables say status, body, and what must not happen. */
import { describe, expect, it } from "vitest";
import { failure } from "#core/errors.ts";
import { readySteps } from "../fixtures/scripted-control-plane.ts";
import { LAUNCH_REQUESTS } from "./tables/launch-requests.ts";
import { OPERATION_REQUESTS } from "./tables/operation-requests.ts";
import { OPERATOR_REQUESTS } from "./tables/operator-requests.ts";
import { admin, checkRequest, LAUNCH, SESSION, worldWithThings } from "./tables/request-case.ts";
import { SESSION_REQUESTS } from "./tables/session-requests.ts";

describe.each([
  ["launches", LAUNCH_REQUESTS],
  ["sessions", SESSION_REQUESTS],
  ["operations", OPERATION_REQUESTS],
  ["operating", OPERATOR_REQUESTS],
] as const)("%s", (_group, cases) => {
  it.each(cases)("$name", async (expected) => {
    await checkRequest(expected);
    expect.hasAssertions();
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
