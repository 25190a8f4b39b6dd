/** The gateway's own pages: readable, and nothing in them unescaped. */
import { expect, test } from "vitest";
import { ANSWERS, hostRefused } from "./answers.ts";
import { renderAnswer } from "./pages.ts";

const BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

function header(headers: readonly string[], name: string): string | undefined {
  const index = headers.findIndex((part, at) => at % 2 === 0 && part.toLowerCase() === name);
  return index === -1 ? undefined : headers[index + 1];
}

test("a browser gets a page with the words that people of Binder know, and a way back", () => {
  const { headers, body } = renderAnswer(ANSWERS.sessionUnknown, BROWSER);
  expect(header(headers, "content-type")).toBe("text/html; charset=utf-8");
  expect(body).toContain("<h1>Binder not found</h1>");
  expect(body).toContain('<a href="/">');
  expect(body).not.toContain("<script");
});

test("a program that asks for JSON gets the failure, with the same words", () => {
  const { headers, body } = renderAnswer(ANSWERS.sessionUnknown, "application/json");
  expect(header(headers, "content-type")).toBe("application/json; charset=utf-8");
  expect(JSON.parse(body)).toMatchObject({
    code: "session-not-found",
    message: expect.stringMatching(/^Binder not found/),
    retriable: false,
  });
});

test.each(["*/*", undefined, "image/png"])("who accepts %s gets plain text", (accept) => {
  const { headers, body } = renderAnswer(ANSWERS.nothing, accept);
  expect(header(headers, "content-type")).toBe("text/plain; charset=utf-8");
  expect(body).toContain("Binder not found");
});

test("a page that waits tries again by itself, with and without scripts", () => {
  const { headers, body } = renderAnswer(ANSWERS.sessionStarting, BROWSER);
  expect(header(headers, "retry-after")).toBe("1");
  expect(body).toContain("<script>");
  expect(body).toContain('http-equiv="refresh"');
  const policy = header(headers, "content-security-policy") ?? "";
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toContain("unsafe-inline");
});

test("answers are never kept by anyone", () => {
  for (const accept of [BROWSER, "application/json", "*/*"]) {
    expect(header(renderAnswer(ANSWERS.nothing, accept).headers, "cache-control")).toBe("no-store");
  }
});

test("a host name is shown, and cannot become part of the page", () => {
  const { body } = renderAnswer(hostRefused(`<img src=x onerror="alert('1')">`), BROWSER);
  expect(body).not.toContain("<img");
  expect(body).toContain("&#60;img");
});
