/** Names under which requests are answered. */
import { expect, test } from "vitest";
import { createHostCheck, hostNameOf } from "./host-check.ts";

const check = createHostCheck(["bindery.example", ".lab.example", "*.hub.example"]);

test.each([
  "localhost",
  "localhost:8585",
  "LOCALHOST:8585",
  "localhost.",
  "anything.localhost:80",
  "127.0.0.1:8585",
  "127.8.8.8",
  "192.168.1.20:8585",
  "[::1]:8585",
  "[2001:db8::1]",
  "bindery.example",
  "Bindery.Example:443",
  "a.lab.example",
  "a.b.hub.example",
])("the host %s is ours", (host) => {
  expect(check(host)).toEqual({ kind: "allowed" });
  // Again: what was allowed is remembered.
  expect(check(host)).toEqual({ kind: "allowed" });
});

test.each([
  ["evil.example", "evil.example"],
  ["bindery.example.evil.example", "bindery.example.evil.example"],
  ["xbindery.example", "xbindery.example"],
  ["lab.example", "lab.example"],
  ["evillab.example", "evillab.example"],
  ["127.0.0.1.evil.example", "127.0.0.1.evil.example"],
  ["localhost.evil.example:8585", "localhost.evil.example"],
  ["user@localhost", "user@localhost"],
  ["localhost/x", "localhost/x"],
  ["local host", "local host"],
  ["", ""],
])(
  "the host %s is refused: a page of another site may have made its name point here",
  (host, name) => {
    expect(check(host)).toEqual({ kind: "refused", name });
  },
);

test("a request without a host is refused", () => {
  expect(check(undefined)).toEqual({ kind: "refused", name: "" });
});

test("a star allows every name, and still no nonsense", () => {
  const any = createHostCheck(["*"]);
  expect(any("whatever.example").kind).toBe("allowed");
  expect(any("a b").kind).toBe("refused");
});

test.each([
  ["Example.org:8585", "example.org"],
  ["[::1]:80", "::1"],
  ["example.org.", "example.org"],
  ["example.org:", null],
  ["example.org:123456", null],
  ["[::1", null],
])("the name in %s is %s", (host, name) => {
  expect(hostNameOf(host)).toBe(name);
});
