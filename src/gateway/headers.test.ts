/** Headers that pass, are set, or are taken away. */
import { expect, test } from "vitest";
import { endToEndHeaders, requestHead, requestHeaders, responseHeaders } from "./headers.ts";

const forwarded = { address: "203.0.113.9", protocol: "http", host: "localhost:8585" } as const;
const OURS = [
  "host",
  "localhost",
  "X-Forwarded-For",
  "203.0.113.9",
  "X-Forwarded-Proto",
  "http",
  "X-Forwarded-Host",
  "localhost:8585",
];

function asked(pairs: Record<string, string>, connection?: string): string[] | null {
  const raw = Object.entries({ Host: "localhost", ...pairs }).flat();
  return requestHeaders(raw, connection, forwarded);
}

test.each([
  "Connection",
  "Keep-Alive",
  "Proxy-Authenticate",
  "Proxy-Authorization",
  "Proxy-Connection",
  "TE",
  "Trailer",
  "Transfer-Encoding",
  "Upgrade",
  "HTTP2-Settings",
  "Expect",
  "Forwarded",
  "X-Forwarded-For",
  "X-Forwarded-Proto",
  "X-Forwarded-Host",
  "x-forwarded-port",
  "X-Forwarded-Prefix",
  "X-Real-IP",
  "X-Scheme",
])("the request header %s from outside ends at the gateway", (name) => {
  expect(asked({ [name]: "made up" })).toEqual(OURS);
});

test.each([
  ["Cookie", "a=1"],
  ["Authorization", "token x"],
  ["Accept-Encoding", "br"],
  ["Content-Length", "5"],
  ["Sec-WebSocket-Key", "k"],
  ["X-XSRFToken", "t"],
  ["Range", "bytes=0-1"],
])("the request header %s passes as it is", (name, value) => {
  expect(asked({ [name]: value })).toEqual([name, value, ...OURS]);
});

test("headers that Connection names are for this hop only", () => {
  const pairs = { Connection: "close, X-Secret", "x-secret": "1", "X-Other": "2" };
  expect(asked(pairs, pairs.Connection)).toEqual(["X-Other", "2", ...OURS]);
});

test("Connection cannot take away what the message is, nor what we say about the person", () => {
  const pairs = { Connection: "content-length, host, x-forwarded-for", "Content-Length": "5" };
  expect(asked(pairs, pairs.Connection)).toEqual(["Content-Length", "5", ...OURS]);
});

test("a request that names two hosts is none", () => {
  expect(
    requestHeaders(["Host", "localhost", "host", "localhost"], undefined, forwarded),
  ).toBeNull();
});

test.each([
  "Connection",
  "Keep-Alive",
  "Transfer-Encoding",
  "Trailer",
  "Upgrade",
  "Proxy-Connection",
])("the response header %s ends at the gateway", (name) => {
  expect(responseHeaders([name, "x", "ETag", '"1"'], "api", undefined)).toEqual(["ETag", '"1"']);
});

test.each([
  "Service-Worker-Allowed",
  "Clear-Site-Data",
  "Strict-Transport-Security",
  "Alt-Svc",
  "NEL",
  "Report-To",
])("a session may not send %s, which would reach past its own path", (name) => {
  expect(responseHeaders([name, "x"], "session", undefined)).toEqual([]);
  expect(responseHeaders([name, "x"], "api", undefined)).toEqual([name, "x"]);
});

test("several cookies stay several, in their order", () => {
  const raw = ["Set-Cookie", "a=1", "X", "y", "Set-Cookie", "b=2"];
  expect(responseHeaders(raw, "session", undefined)).toEqual(raw);
});

test("a response's Connection names headers of this hop, too", () => {
  expect(responseHeaders(["X-Hop", "1", "X-End", "2"], "session", "X-Hop")).toEqual(["X-End", "2"]);
});

test("a plain proxy passes what is neither of the hop nor the host", () => {
  const raw = ["Host", "a", "Proxy-Authorization", "secret", "Accept", "*/*", "X-Hop", "1"];
  expect(endToEndHeaders(raw, "x-hop")).toEqual(["Accept", "*/*"]);
});

test("the head of a request is written line by line", () => {
  expect(requestHead("GET", "/a?b", ["Host", "x", "Accept", "*/*"])).toBe(
    "GET /a?b HTTP/1.1\r\nHost: x\r\nAccept: */*\r\n",
  );
});
