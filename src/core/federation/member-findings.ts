/** What there is to say about members: who fails, who runs the wrong release, who is full. */
import { SECOND_MS, formatDuration } from "#base/units.ts";
import type { Finding } from "../incident/finding.ts";
import type { Policy } from "../policy.ts";
import type { MemberHealth, MembersObservation, MembersState } from "./member.ts";

/** A member that is full for a moment is no news. */
const FULL_MS = 30 * SECOND_MS;

export function memberFindings(
  state: MembersState,
  observed: MembersObservation,
  out: number,
  policy: Policy,
  nowMs: number,
): readonly Finding[] {
  const findings: Finding[] = [];
  if (state.staticSinceMs !== null)
    findings.push({
      cause: "member-failing",
      subject: { kind: "cluster", name: "federation" },
      severity: "page",
      evidence: `${out} of ${observed.members.length} members look as if they failed; that is too many to believe, the last weights are kept`,
      sinceMs: state.staticSinceMs,
    });
  for (const { name, release } of observed.members) {
    const health = state.members[name];
    if (health !== undefined) findings.push(...findingsOf(name, release, health));
  }
  return findings;

  function findingsOf(name: string, release: string, health: MemberHealth): readonly Finding[] {
    const subject = { kind: "member", name } as const;
    const found: Finding[] = [];
    if (health.standing === "out")
      found.push({
        cause: "member-failing",
        subject,
        severity: "act",
        evidence: `${name} gets no launches: ${health.because ?? "its launches failed"}`,
        sinceMs: health.sinceMs,
      });
    const { skewedSinceMs, fullSinceMs } = health;
    if (skewedSinceMs !== null && nowMs - skewedSinceMs >= policy.memberStaleMs)
      found.push({
        cause: "member-stale",
        subject,
        severity: "act",
        evidence: `${name} has run ${release} for ${formatDuration(nowMs - skewedSinceMs)}, and ${observed.declaredRelease ?? "another release"} is declared`,
        sinceMs: skewedSinceMs,
      });
    if (fullSinceMs !== null && nowMs - fullSinceMs >= FULL_MS)
      found.push({
        cause: "member-full",
        subject,
        severity: "note",
        evidence: `${name} has said that it is full for ${formatDuration(nowMs - fullSinceMs)}; new launches go elsewhere`,
        sinceMs: fullSinceMs,
      });
    return found;
  }
}
