/** Certificates: renewed in time, found by what is served, never hammered. */
import { describe, expect, it } from "vitest";
import { HOUR_MS } from "#base/units.ts";
import { DEFAULT_POLICY } from "../policy.ts";
import { decideCertificates, renewed, type Renewals } from "./decide-certificates.ts";

const DAY_MS = 24 * HOUR_MS;
const NOW_MS = 1_000 * DAY_MS;
const served = (days: number) => [{ host: "a.org", notAfterMs: NOW_MS + days * DAY_MS }];
const tried = (hoursAgo: number, failures: number): Renewals => ({
  "a.org": { triedAtMs: NOW_MS - hoursAgo * HOUR_MS, failures, because: "refused" },
});

describe("decideCertificates", () => {
  it.each([
    ["long before its end", 31, {}, 0],
    ["30 days before its end", 29.9, {}, 1],
    ["after it ended", -1, {}, 1],
    ["soon after it was tried", 29, tried(11, 0), 0],
    ["12 hours after it was renewed in vain", 29, tried(12, 0), 1],
    ["12 hours after one failure", 29, tried(12, 1), 1],
    ["12 hours after two failures", 29, tried(12, 2), 0],
    ["24 hours after two failures", 29, tried(24, 2), 1],
    ["two days after a hundred failures", 29, tried(48, 100), 1],
  ])("renews %s or not", (_when, days, renewals, count) => {
    const { renew } = decideCertificates(renewals, served(days), DEFAULT_POLICY, NOW_MS);
    expect(renew).toHaveLength(count);
  });

  it.each([
    [22, null],
    [20.9, "act"],
    [6.9, "page"],
    [-1, "page"],
  ])("with %d days left finds %s", (days, severity) => {
    const { findings } = decideCertificates(tried(1, 3), served(days), DEFAULT_POLICY, NOW_MS);
    expect(findings[0]?.severity ?? null).toBe(severity);
  });

  it("names only the host that is not renewed, and why", () => {
    const others = ["b.org", "c.org"].map((host) => ({ host, notAfterMs: NOW_MS + 60 * DAY_MS }));
    const all = [...served(20.5), ...others];
    const { findings } = decideCertificates(tried(1, 3), all, DEFAULT_POLICY, NOW_MS);
    expect(findings.map(({ subject }) => subject.name)).toEqual(["a.org"]);
    expect(findings[0]?.evidence).toContain("ends in 20 days");
    expect(findings[0]?.evidence).toContain("failed 3 times in a row, last 1 h ago: refused");
  });

  it("forgets a host whose new certificate is served", () => {
    const { next } = decideCertificates(tried(1, 3), served(90), DEFAULT_POLICY, NOW_MS);
    expect(next).toEqual({});
  });

  it("never renews when that is switched off", () => {
    const policy = { ...DEFAULT_POLICY, certificateRenewBeforeMs: 0 };
    expect(decideCertificates({}, served(-5), policy, NOW_MS).renew).toEqual([]);
  });

  it("counts failures in a row", () => {
    const once = renewed(tried(0, 1), "a.org", "timed out");
    expect(once["a.org"]).toMatchObject({ failures: 2, because: "timed out" });
    expect(renewed(once, "a.org", null)["a.org"]).toMatchObject({ failures: 0, because: null });
  });
});
