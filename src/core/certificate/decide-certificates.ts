/** Decides which certificates to renew, from what is served to clients and from nothing else. */
import { HOUR_MS, MINUTE_MS, SECOND_MS, formatDuration } from "#base/units.ts";
import type { Finding } from "../incident/finding.ts";
import type { Policy } from "../policy.ts";

export interface ServedCertificate {
  readonly host: string;
  readonly notAfterMs: number;
}

export interface Renewal {
  readonly triedAtMs: number;
  /** In a row. */
  readonly failures: number;
  readonly because: string | null;
}

export type Renewals = Readonly<Record<string, Renewal>>;

export interface CertificateDecision {
  readonly next: Renewals;
  readonly renew: readonly ServedCertificate[];
  readonly findings: readonly Finding[];
}

const DAY_MS = 24 * HOUR_MS;
const BACK_OFF_MAX = 4;

export function decideCertificates(
  renewals: Renewals,
  served: readonly ServedCertificate[],
  policy: Policy,
  nowMs: number,
): CertificateDecision {
  const next: Record<string, Renewal> = {};
  const renew: ServedCertificate[] = [];
  const findings: Finding[] = [];
  for (const certificate of served) {
    const leftMs = certificate.notAfterMs - nowMs;
    const last = renewals[certificate.host];
    const found = findingOf(certificate, leftMs, last, policy, nowMs);
    if (found !== null) findings.push(found);
    const isDue = policy.certificateRenewBeforeMs > 0 && leftMs < policy.certificateRenewBeforeMs;
    if (isDue && nowMs >= mayTryAtMs(last, policy)) {
      renew.push(certificate);
      next[certificate.host] = {
        triedAtMs: nowMs,
        failures: last?.failures ?? 0,
        because: last?.because ?? null,
      };
    } else if (last !== undefined && isDue) next[certificate.host] = last;
  }
  return { next, renew, findings };
}

/** What came of a renewal; `because` is null when the authority gave one. */
export function renewed(renewals: Renewals, host: string, because: string | null): Renewals {
  const last = renewals[host];
  if (last === undefined) return renewals;
  const failures = because === null ? 0 : last.failures + 1;
  return { ...renewals, [host]: { ...last, failures, because } };
}

function mayTryAtMs(last: Renewal | undefined, policy: Policy): number {
  if (last === undefined) return Number.NEGATIVE_INFINITY;
  const factor = Math.min(BACK_OFF_MAX, 2 ** Math.max(0, last.failures - 1));
  return last.triedAtMs + policy.certificateRenewIntervalMs * factor;
}

function findingOf(
  { host, notAfterMs }: ServedCertificate,
  leftMs: number,
  last: Renewal | undefined,
  policy: Policy,
  nowMs: number,
): Finding | null {
  if (leftMs >= policy.certificateWarnBeforeMs) return null;
  const isUrgent = leftMs < policy.certificatePageBeforeMs;
  return {
    cause: "certificate-expiring",
    subject: { kind: "host", name: host },
    severity: isUrgent ? "page" : "act",
    evidence: `the certificate that ${host} serves ${endText(leftMs)}; ${triesOf(last, nowMs)}`,
    sinceMs: notAfterMs - policy.certificateWarnBeforeMs,
  };
}

/** `ends in 20 days`. */
export function endText(leftMs: number): string {
  if (leftMs <= 0) return "has ended";
  if (leftMs >= 2 * DAY_MS) return `ends in ${Math.floor(leftMs / DAY_MS)} days`;
  return `ends in ${formatDuration(Math.max(SECOND_MS, leftMs - (leftMs % MINUTE_MS)))}`;
}

function triesOf(last: Renewal | undefined, nowMs: number): string {
  if (last === undefined) return "it has not been renewed yet";
  const ago = formatDuration(nowMs - last.triedAtMs);
  if (last.failures > 0) {
    const times = last.failures === 1 ? "once" : `${last.failures} times in a row`;
    return `its renewal failed ${times}, last ${ago} ago: ${last.because ?? "without a reason"}`;
  }
  return `it was renewed ${ago} ago, but the new one is not served`;
}
