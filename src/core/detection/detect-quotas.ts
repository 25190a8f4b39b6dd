/** Quotas whose count is wrong, and that refuse because of it. */
import { MINUTE_MS } from "#base/units.ts";
import type { Finding } from "../incident/finding.ts";
import type { Policy } from "../policy.ts";
import type { Detected, QuotaLook } from "./observed.ts";

interface QuotaTrack {
  readonly refusals: readonly { readonly atMs: number; readonly count: number }[];
  /** Since when it stands; it stays until the count is right again. */
  readonly foundAtMs: number | null;
}

export type QuotaMemory = ReadonlyMap<string, QuotaTrack>;

const WINDOW_MS = 1 * MINUTE_MS;

export function detectQuotas(
  memory: QuotaMemory,
  quotas: readonly QuotaLook[],
  policy: Pick<Policy, "quotaDriftMax" | "quotaRefusalsMin">,
  nowMs: number,
): Detected<QuotaMemory> {
  const next = new Map<string, QuotaTrack>();
  const findings: Finding[] = [];
  for (const quota of quotas) {
    const before = memory.get(quota.name);
    const isDrifted = Math.abs(quota.used - quota.listed) > policy.quotaDriftMax * quota.hard;
    const refusals = (before?.refusals ?? []).filter(({ atMs }) => nowMs - atMs < WINDOW_MS);
    if (quota.refusals > 0) refusals.push({ atMs: nowMs, count: quota.refusals });
    const refused = refusals.reduce((sum, { count }) => sum + count, 0);
    const isFound = (before?.foundAtMs ?? null) !== null || refused >= policy.quotaRefusalsMin;
    const foundAtMs = isDrifted && isFound ? (before?.foundAtMs ?? nowMs) : null;
    next.set(quota.name, { refusals, foundAtMs });
    if (foundAtMs === null) continue;
    findings.push({
      cause: "quota-ghost",
      subject: { kind: "quota", name: quota.name },
      severity: "act",
      evidence: `${quota.name} says ${quota.used} of ${quota.hard} are used, ${quota.listed} exist; ${refused} creates refused in the last minute`,
      sinceMs: foundAtMs,
    });
  }
  return { memory: next, findings };
}
