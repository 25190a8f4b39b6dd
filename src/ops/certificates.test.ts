/** Certificates over 70 days in a pretend world. */
import { describe, expect, it } from "vitest";
import { Prng } from "#base/prng.ts";
import { HOUR_MS } from "#base/units.ts";
import type { AuditRecord } from "#core/operations/command.ts";
import { DEFAULT_POLICY, type Policy } from "#core/policy.ts";
import { PretendCertificates } from "#sim/world/certificates.ts";
import { VirtualClock } from "#sim/world/virtual-clock.ts";
import { CERTIFICATE_INTERVAL_MS, CertificateWatch } from "./certificates.ts";

const DAY_MS = 24 * HOUR_MS;
const silent = () => undefined;
const LOG = { debug: silent, info: silent, warn: silent, error: silent };
const HOSTS = Array.from({ length: 12 }, (_, n) => `host-${n + 1}.example`);

class Days {
  readonly clock = new VirtualClock(1_000_000_000_000);
  readonly audit: AuditRecord[] = [];
  readonly certificates: PretendCertificates;
  readonly watch: CertificateWatch;
  /** Host and severity → the day on which it was found first. */
  readonly found = new Map<string, number>();
  readonly #startMs = this.clock.nowMs();

  constructor(policy: Partial<Policy> = {}) {
    const { clock } = this;
    const hosts = HOSTS.map((host) => ({ host, validForMs: 90 * DAY_MS }));
    this.certificates = new PretendCertificates({ clock, prng: new Prng("certificates") }, hosts);
    this.watch = new CertificateWatch({
      certificates: this.certificates,
      audit: (record) => void this.audit.push(record),
      ...{ clock, log: LOG, policy: { ...DEFAULT_POLICY, ...policy } },
    });
    this.#repeat();
  }

  #repeat(): void {
    void this.watch
      .round(() => true)
      .then(async () => {
        const day = (this.clock.nowMs() - this.#startMs) / DAY_MS;
        for (const { severity, subject } of await this.watch.findings()) {
          const what = `${subject.name} ${severity}`;
          if (!this.found.has(what)) this.found.set(what, Math.round(day * 10) / 10);
        }
      });
    this.clock.setTimer(CERTIFICATE_INTERVAL_MS, () => this.#repeat());
  }
}

describe("cert-clock", () => {
  it("renews all in time, and says nothing", async () => {
    const days = new Days();
    days.certificates.rotateAccount();
    await days.clock.run(70 * DAY_MS);
    expect([...days.found]).toEqual([]);
    expect(days.audit).toHaveLength(12);
  });

  it("names the one host that cannot be renewed, 21 days before its end, and wakes somebody at 7", async () => {
    const days = new Days();
    days.certificates.failRenewals("host-3.example");
    await days.clock.run(70 * DAY_MS);
    expect([...days.found]).toEqual([["host-3.example act", 69]]);
    await days.clock.run(14 * DAY_MS);
    expect([...days.found]).toEqual([
      ["host-3.example act", 69],
      ["host-3.example page", 83],
    ]);
    const tries = days.audit.filter(({ outcome }) => outcome.kind === "failed");
    expect(tries.length).toBeGreaterThan(5);
    expect(tries.length).toBeLessThan(50);
  });

  it("is quiet again when the renewal succeeds at last", async () => {
    const days = new Days();
    days.certificates.failRenewals("host-3.example");
    await days.clock.run(72 * DAY_MS);
    expect(await days.watch.findings()).toHaveLength(1);
    days.certificates.healRenewals("host-3.example");
    await days.clock.run(3 * DAY_MS);
    expect(await days.watch.findings()).toEqual([]);
  });

  it("lets all of them end when nobody renews", async () => {
    const days = new Days({ certificateRenewBeforeMs: 0 });
    await days.clock.run(70 * DAY_MS);
    expect(days.found.size).toBe(12);
    expect(days.audit).toEqual([]);
  });
});
