/** No answer tells more than its failure: a sweep over every address with everything that can go wrong. */
import type { LightMyRequestResponse } from "fastify";
import { describe, expect, it } from "vitest";
import { ROUTES } from "#api/route-table.ts";
import { AppError, ERRORS } from "#core/errors.ts";
import { ADMIN_TOKEN, apiUnderTest, PAGE_SECRET } from "../fixtures/api-under-test.ts";

const SECRET_PATH = "/var/lib/bindery/secret-place";
const LEAKS = [ADMIN_TOKEN, PAGE_SECRET, SECRET_PATH, "node_modules", ".ts:", "    at "];
const admin = { authorization: `Bearer ${ADMIN_TOKEN}` };

/** An address of the route with parameters that fit nothing. */
function addressOf(path: string, filler: string): string {
  return path.replaceAll(/:\w+|\*/g, filler);
}

function expectNoLeak({ body, headers, statusCode, json }: LightMyRequestResponse): void {
  for (const leak of LEAKS) expect(body).not.toContain(leak);
  const isJson = String(headers["content-type"]).startsWith("application/json");
  if (statusCode < 400 || !isJson) return;
  const { error, ...rest } = json();
  expect(rest).toEqual({});
  expect(ERRORS).toHaveProperty([error.code]);
  expect(statusCode).toBe(ERRORS[error.code as keyof typeof ERRORS].status);
}

describe("an answer that is no success", () => {
  const routes = ROUTES.map(({ method, path }) => ({ method, path }));

  it.each(routes)("$method $path leaks nothing, whatever is sent", async ({ method, path }) => {
    const { api } = apiUnderTest();
    for (const filler of [
      "x",
      "%00",
      "..%2f..%2fetc%2fpasswd",
      "%F0%9F%92%A9",
      "a".repeat(5_000),
    ]) {
      for (const headers of [{}, admin, { ...admin, accept: "text/html" }]) {
        const response = await api.inject({
          method,
          url: addressOf(path, filler),
          headers,
          ...(method !== "GET" && { payload: { unknown: filler, bytesMax: "x", byMs: [] } }),
        });
        expectNoLeak(response);
        expect(response.statusCode).not.toBe(500);
      }
    }
  });

  it("a bug is answered with an id, and only the log knows the rest", async () => {
    const { api, controlPlane, logged } = apiUnderTest();
    controlPlane.bug = new Error(`ENOENT: no such file, open '${SECRET_PATH}'`);
    const response = await api.inject({ url: "/api/v1/sessions", headers: admin });
    expect(response.statusCode).toBe(500);
    expect(response.json()).toMatchObject({ error: { code: "internal", retriable: true } });
    expect(response.body).not.toContain(SECRET_PATH);
    const [entry] = logged;
    expect(entry?.fields["error"]).toBe(controlPlane.bug);
    expect(response.json().error.message).toContain(String(entry?.fields["errorId"]));
  });

  it("a failure that was thrown is answered as itself, without its cause", async () => {
    const { api, controlPlane } = apiUnderTest();
    controlPlane.bug = new AppError("disk-full", undefined, { cause: new Error(SECRET_PATH) });
    const response = await api.inject({ url: "/api/v1/sessions", headers: admin });
    expect(response.statusCode).toBe(507);
    expect(response.json()).toEqual({
      error: {
        code: "disk-full",
        fault: ERRORS["disk-full"].fault,
        message: ERRORS["disk-full"].meaning,
        next: ERRORS["disk-full"].next,
        retriable: true,
      },
    });
  });

  it("people get a page where programs get JSON", async () => {
    const { api } = apiUnderTest();
    const page = await api.inject({ url: "/nowhere", headers: { accept: "text/html,*/*" } });
    expect(page.statusCode).toBe(404);
    expect(page.headers["content-type"]).toBe("text/html; charset=utf-8");
    expect(page.body).toContain("<h1>Binder not found</h1>");
    const json = await api.inject({ url: "/nowhere" });
    expect(json.statusCode).toBe(404);
    expect(json.json()).toMatchObject({ error: { code: "not-found" } });
  });
});
