/** Who asks and where they are, from every form of the headers. */
import { describe, expect, it } from "vitest";
import { requestFacts } from "./request-facts.ts";

describe("what a request says", () => {
  it.each([
    [{}, undefined, "127.0.0.1"],
    [{}, "192.0.2.7", "192.0.2.7"],
    [{ "x-forwarded-for": "10.0.0.1, 203.0.113.9" }, "192.0.2.7", "203.0.113.9"],
    [{ "x-forwarded-for": " " }, "192.0.2.7", "192.0.2.7"],
  ])("%j from %s: the person is at %s", (headers, peer, clientAddress) => {
    expect(requestFacts(headers, peer, null).clientAddress).toBe(clientAddress);
  });

  it.each([
    [{ host: "binder.example" }, null, "http://binder.example"],
    [
      { host: "x", "x-forwarded-host": "Binder.example:8443", "x-forwarded-proto": "https" },
      null,
      "https://binder.example:8443",
    ],
    [{ host: "[::1]:8585" }, null, "http://[::1]:8585"],
    [{ host: 'evil"><script>' }, null, "http://localhost"],
    [{ host: "evil.example/path" }, null, "http://localhost"],
    [{}, null, "http://localhost"],
    [{ host: "inside", "x-forwarded-proto": "gopher" }, null, "http://inside"],
    [{ host: "inside" }, "https://hub.example/base/", "https://hub.example"],
  ])("%j with public address %s: we are %s", (headers, publicUrl, origin) => {
    const facts = requestFacts(headers, undefined, publicUrl);
    expect(facts.origin).toBe(origin);
    expect(`//${facts.host}`).toBe(origin.replace(/^https?:/, ""));
  });

  it.each([
    ["Bearer abc", "abc"],
    ["bearer   abc ", "abc"],
    ["token abc", "abc"],
    ["Basic abc", null],
    ["Bearer", null],
    ["Bearer a b", null],
    [undefined, null],
  ])("Authorization: %s", (authorization, bearer) => {
    const headers = authorization === undefined ? {} : { authorization };
    expect(requestFacts(headers, undefined, null).bearer).toBe(bearer);
  });
});
