/** Which addresses are public, in every spelling that a URL or a name server can bring. */
import { describe, expect, it } from "vitest";
import { isPublicAddress, normalAddress } from "./addresses.ts";

describe("isPublicAddress", () => {
  it.each([
    "1.1.1.1",
    "140.82.121.3",
    "100.63.255.255",
    "100.128.0.1",
    "172.15.0.1",
    "172.32.0.1",
    "192.167.1.1",
    "2606:4700::1111",
    "[2606:4700::1111]",
    "2a00:1450:4001:82f::200e",
    "64:ff9b::8c52:7903",
    "::ffff:140.82.121.3",
  ])("lets %s pass", (ip) => {
    expect(isPublicAddress(ip)).toBe(true);
  });

  it.each(["192.0.2.1", "198.51.100.7", "203.0.113.80"])(
    "counts the documentation address %s as public",
    (ip) => {
      expect(isPublicAddress(ip)).toBe(true);
    },
  );

  it.each([
    ["loopback", "127.0.0.1"],
    ["loopback, elsewhere in its network", "127.8.9.10"],
    ["loopback in hexadecimal with parts left out", "0x7f.1"],
    ["loopback as one number", "2130706433"],
    ["loopback as one hexadecimal number", "0x7f000001"],
    ["loopback in octal", "0177.0.0.1"],
    ["this host", "0.0.0.0"],
    ["this host, short", "0"],
    ["private 10/8", "10.0.0.1"],
    ["private 172.16/12", "172.31.255.255"],
    ["private 192.168/16", "192.168.1.1"],
    ["cloud metadata", "169.254.169.254"],
    ["cloud metadata as one number", "2852039166"],
    ["metadata inside carrier-grade NAT", "100.100.100.200"],
    ["metadata at a public address", "168.63.129.16"],
    ["metadata in 192.0.0/24", "192.0.0.192"],
    ["benchmarking", "198.18.0.1"],
    ["multicast", "224.0.0.1"],
    ["reserved", "240.0.0.1"],
    ["broadcast", "255.255.255.255"],
    ["IPv6 loopback", "::1"],
    ["IPv6 loopback in brackets", "[::1]"],
    ["unspecified", "::"],
    ["link-local", "fe80::1"],
    ["link-local with a zone", "fe80::1%eth0"],
    ["public with a zone", "2606:4700::1111%eth0"],
    ["unique-local", "fd00:ec2::254"],
    ["deprecated site-local", "fec0::1"],
    ["IPv4-mapped loopback", "::ffff:127.0.0.1"],
    ["IPv4-mapped loopback in brackets", "[::ffff:127.0.0.1]"],
    ["IPv4-mapped, in hexadecimal", "::ffff:7f00:1"],
    ["IPv4-compatible loopback", "::127.0.0.1"],
    ["IPv4-translated loopback", "::ffff:0:127.0.0.1"],
    ["NAT64 of a private address", "64:ff9b::10.0.0.1"],
    ["local-use NAT64", "64:ff9b:1::1.1.1.1"],
    ["6to4 of a private address", "2002:a00:1::1"],
    ["Teredo", "2001:0:4136:e378:8000:63bf:3fff:fdd2"],
    ["IPv6 multicast", "ff02::1"],
    ["a name", "localhost"],
    ["nothing", ""],
    ["rubbish", "1.2.3.4.5"],
  ])("refuses %s: %s", (_what, ip) => {
    expect(isPublicAddress(ip)).toBe(false);
  });
});

describe("normalAddress", () => {
  it.each([
    ["0x7f.1", "127.0.0.1"],
    ["2130706433", "127.0.0.1"],
    ["[2001:DB8:0::1]", "2001:db8::1"],
    ["example.org", null],
    ["", null],
  ])("spells %s as %s", (given, expected) => {
    expect(normalAddress(given)).toBe(expected);
  });
});
