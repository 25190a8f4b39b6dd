/** Looks at the certificates that clients are served, and has them renewed in time. */
import {
  decideCertificates,
  endText,
  renewed,
  type Renewals,
  type ServedCertificate,
} from "#core/certificate/decide-certificates.ts";
import { HOUR_MS, MINUTE_MS, formatDuration } from "#base/units.ts";
import { AppError } from "#core/errors.ts";
import type { Finding } from "#core/incident/finding.ts";
import type { AuditRecord, CommandOutcome, OperatorCommand } from "#core/operations/command.ts";
import type { Policy } from "#core/policy.ts";
import type { Clock } from "#ports/clock.ts";
import type { Log } from "#ports/log.ts";
import type { Certificates } from "#ports/platform.ts";
import type { OpsPart } from "./ops-ports.ts";

export interface CertificateDeps {
  readonly certificates: Certificates;
  readonly audit: (record: AuditRecord) => void;
  readonly clock: Clock;
  readonly log: Log;
  readonly policy: Policy;
}

export const CERTIFICATE_INTERVAL_MS = 1 * HOUR_MS;
/** An authority may take its time, and hosts come one after another. */
export const CERTIFICATE_LEASE_MS = 30 * MINUTE_MS;

export class CertificateWatch implements OpsPart {
  readonly #deps: CertificateDeps;
  #renewals: Renewals = {};
  #findings: readonly Finding[] = [];

  constructor(deps: CertificateDeps) {
    this.#deps = deps;
  }

  async findings(): Promise<readonly Finding[]> {
    return this.#findings;
  }

  execute(command: OperatorCommand): Promise<CommandOutcome> | null {
    return command.kind === "renew-certificate" ? this.#renewNow(command.host) : null;
  }

  async round(isCurrent: () => boolean): Promise<void> {
    const { certificates, clock, policy } = this.#deps;
    const served = await certificates.served();
    if (!isCurrent()) return;
    const decision = decideCertificates(this.#renewals, served, policy, clock.nowMs());
    this.#renewals = decision.next;
    this.#findings = decision.findings;
    for (const certificate of decision.renew) {
      if (!isCurrent()) return;
      await this.#renew(certificate);
    }
    if (decision.renew.length === 0 || !isCurrent()) return;
    // What is found tells what came of it, and goes when the new ones are served.
    const now = await certificates.served();
    if (!isCurrent()) return;
    const { findings } = decideCertificates(this.#renewals, now, policy, clock.nowMs());
    this.#findings = findings;
  }

  async #renewNow(host: string): Promise<CommandOutcome> {
    const { certificates, log } = this.#deps;
    let because: string | null = null;
    try {
      await certificates.renew(host);
    } catch (error) {
      because = error instanceof AppError ? error.failure.message : String(error);
      log.warn("a certificate was not renewed", { host, error });
    }
    this.#renewals = renewed(this.#renewals, host, because);
    return because === null
      ? { kind: "done", message: `${host} has a new certificate` }
      : { kind: "failed", because };
  }

  async #renew({ host, notAfterMs }: ServedCertificate): Promise<void> {
    const { audit, clock, policy } = this.#deps;
    const leftMs = notAfterMs - clock.nowMs();
    const outcome = await this.#renewNow(host);
    audit({
      atMs: clock.nowMs(),
      command: { kind: "renew-certificate", host },
      actor: { kind: "machine", incident: null },
      evidence: `the certificate that is served ${endText(leftMs)}`,
      limit: `1 renewal in ${formatDuration(policy.certificateRenewIntervalMs)} per host`,
      outcome,
    });
  }
}
