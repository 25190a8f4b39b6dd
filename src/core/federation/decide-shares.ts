/** Holds what members got against what they should have got: a door that lies is found by its traffic. */
import { MINUTE_MS, formatDuration } from "#base/units.ts";
import type { Finding } from "../incident/finding.ts";
import type { Policy } from "../policy.ts";

/** Member → since when its share is off. */
export type SharesState = Readonly<Record<string, number>>;

export interface SharesDecision {
  readonly next: SharesState;
  readonly findings: readonly Finding[];
}

export const SHARES_WINDOW_MS = 1 * MINUTE_MS;
const OFF_FOR_MS = 2 * MINUTE_MS;
const LAUNCHES_MIN = 20;

/** `loads`: launches within `SHARES_WINDOW_MS`, per member. */
export function decideShares(
  state: SharesState,
  weights: Readonly<Record<string, number>>,
  loads: ReadonlyMap<string, number>,
  policy: Pick<Policy, "memberShareOffMax">,
  nowMs: number,
): SharesDecision {
  let [weight, launches] = [0, 0];
  for (const [name, own] of Object.entries(weights)) {
    weight += own;
    launches += loads.get(name) ?? 0;
  }
  if (launches < LAUNCHES_MIN || weight === 0) return { next: {}, findings: [] };
  const next: Record<string, number> = {};
  const findings: Finding[] = [];
  for (const [name, own] of Object.entries(weights)) {
    const share = (loads.get(name) ?? 0) / launches;
    if (Math.abs(share - own / weight) <= policy.memberShareOffMax) continue;
    const sinceMs = state[name] ?? nowMs;
    next[name] = sinceMs;
    if (nowMs - sinceMs < OFF_FOR_MS) continue;
    findings.push({
      cause: "member-failing",
      subject: { kind: "member", name },
      severity: "note",
      evidence: `${name} has got ${percent(share)} of the launches for ${formatDuration(nowMs - sinceMs)}, and its weight is ${percent(own / weight)}`,
      sinceMs,
    });
  }
  return { next, findings };
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
