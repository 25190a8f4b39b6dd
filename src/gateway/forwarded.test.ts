/** Whose word about the person's address is believed. */
import type { IncomingMessage } from "node:http";
import { expect, test } from "vitest";
import { createForwardedReader } from "./forwarded.ts";

function request(remoteAddress: string, headers: Record<string, string>): IncomingMessage {
  return { socket: { remoteAddress }, headers } as unknown as IncomingMessage;
}

test("what a person claims about herself is not believed", () => {
  const read = createForwardedReader(["10.0.0.0/8"]);
  const claimed = request("203.0.113.9", {
    host: "bindery.example",
    "x-forwarded-for": "127.0.0.1",
    "x-forwarded-proto": "https",
    "x-forwarded-host": "evil.example",
  });
  expect(read(claimed)).toEqual({
    address: "203.0.113.9",
    protocol: "http",
    host: "bindery.example",
  });
});

test("with no trusted proxies nobody is believed, loopback neither", () => {
  const read = createForwardedReader([]);
  const claimed = request("127.0.0.1", { host: "localhost", "x-forwarded-for": "198.51.100.7" });
  expect(read(claimed).address).toBe("127.0.0.1");
});

test.each([
  ["198.51.100.7", "198.51.100.7"],
  ["198.51.100.7, 10.0.0.5", "198.51.100.7"],
  // The left part was there when the request reached the first trusted proxy: hearsay.
  ["1.1.1.1, 198.51.100.7, 10.0.0.5", "198.51.100.7"],
  ["198.51.100.7:4711", "198.51.100.7"],
  ["[2001:db8::7]:4711, 10.0.0.5", "2001:db8::7"],
  ["::ffff:198.51.100.7", "198.51.100.7"],
  ["10.0.0.7, 10.0.0.5", "10.0.0.7"],
  ["unknown, 10.0.0.5", "10.0.0.5"],
  ["nonsense", "10.0.0.1"],
  ["", "10.0.0.1"],
])("behind a trusted proxy, the chain %j leads to the person at %s", (chain, address) => {
  const read = createForwardedReader(["10.0.0.0/8"]);
  expect(read(request("10.0.0.1", { host: "h", "x-forwarded-for": chain })).address).toBe(address);
});

test("a trusted proxy says the protocol and the host, the nearest one last", () => {
  const read = createForwardedReader(["10.0.0.1", "::1"]);
  const headers = {
    host: "inner:8585",
    "x-forwarded-proto": "http, https",
    "x-forwarded-host": "bindery.example",
  };
  expect(read(request("::ffff:10.0.0.1", headers))).toEqual({
    address: "10.0.0.1",
    protocol: "https",
    host: "bindery.example",
  });
  expect(read(request("::1", headers)).protocol).toBe("https");
});

test("a protocol that is none is taken for http", () => {
  const read = createForwardedReader(["10.0.0.1"]);
  const headers = { host: "h", "x-forwarded-proto": "gopher" };
  expect(read(request("10.0.0.1", headers)).protocol).toBe("http");
});
