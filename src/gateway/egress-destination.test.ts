/** Where sandboxes may go, as a table. */
import { expect, test } from "vitest";
import { authorityOf, destinationOf, type DestinationRules, judge } from "./egress-destination.ts";

const NAMES: Record<string, readonly string[]> = {
  "pypi.example": ["203.0.113.80", "203.0.113.81"],
  "inside.example": ["10.0.0.5"],
  "rebinding.example": ["127.0.0.1", "203.0.113.9", "169.254.169.254"],
  "index.corp": ["10.1.2.3"],
  "six.example": ["2606:4700::1", "fd00::1"],
};
const rules: DestinationRules = {
  resolve: (host) => {
    const addresses = NAMES[host];
    return addresses === undefined
      ? Promise.reject(new Error("no such name"))
      : Promise.resolve(addresses);
  },
  allowHosts: ["index.corp:8080", "10.9.9.9:3141", "anyport.corp"],
  addressesMax: 4,
};

async function verdict(authority: string) {
  const destination = destinationOf(authority, 80);
  return destination === null ? null : await judge(destination, rules);
}

test.each([
  ["pypi.example:443", ["203.0.113.80", "203.0.113.81"]],
  ["PyPI.example.:80", ["203.0.113.80", "203.0.113.81"]],
  ["203.0.113.80:443", ["203.0.113.80"]],
  ["[2606:4700::1]:443", ["2606:4700::1"]],
  // Only the public ones of a name are ever connected to.
  ["rebinding.example:443", ["203.0.113.9"]],
  ["six.example:443", ["2606:4700::1"]],
  ["index.corp:8080", ["10.1.2.3"]],
  ["10.9.9.9:3141", ["10.9.9.9"]],
])("%s may be reached at %j", async (authority, addresses) => {
  expect(await verdict(authority)).toEqual({ kind: "open", addresses });
});

test.each([
  "pypi.example:22",
  "pypi.example:8080",
  "inside.example:443",
  "index.corp:443",
  "10.9.9.9:80",
  "127.0.0.1:80",
  "127.1:80",
  "0x7f.1:443",
  "2130706433:80",
  "0:80",
  "[::1]:443",
  "[::ffff:127.0.0.1]:443",
  "[fe80::1]:443",
  "169.254.169.254:80",
  "192.168.0.1:80",
  "localhost_:22",
  "a..b:443",
  "-a.example:443",
])("%s is refused", async (authority) => {
  expect((await verdict(authority))?.kind).toBe("refused");
});

test("a name without an address is unresolved, which is not refused: a proxy in front may know it", async () => {
  expect(await verdict("unknown.example:443")).toEqual({ kind: "unresolved" });
});

test.each([
  "",
  ":443",
  "host:0",
  "host:65536",
  "host:x",
  "user@host:443",
  "a b:443",
  "[::1:443",
  "host:443/x",
])("%j is no destination", (authority) => {
  expect(destinationOf(authority, null)).toBeNull();
});

test("an authority is written with brackets where an address needs them", () => {
  expect(authorityOf({ host: "::1", port: 443 })).toBe("[::1]:443");
  expect(authorityOf({ host: "a.example", port: 80 })).toBe("a.example:80");
});
