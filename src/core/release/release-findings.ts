/** What there is to say about releases: which one is bad, and which one cannot be had. */
import { MINUTE_MS } from "#base/units.ts";
import type { Finding, Severity } from "../incident/finding.ts";
import type { Policy } from "../policy.ts";
import type { ReleaseState, RolloutCause, RolloutEnd } from "./release.ts";

/** An ended rollout is found for so long, so that nobody misses it between two looks. */
const FOUND_FOR_MS = 2 * MINUTE_MS;

export function releaseFindings(
  { current, ended }: ReleaseState,
  policy: Policy,
  nowMs: number,
): readonly Finding[] {
  const findings: Finding[] = [];
  if (current?.fall) {
    const isStuck = current.failures > policy.releaseRetriesMax;
    const going = isStuck ? "it cannot be taken back" : "it is being taken back";
    findings.push({
      cause: "release-bad",
      subject: { kind: "release", name: current.release },
      severity: isStuck ? "page" : severityOf(current.fall.cause),
      evidence: `${current.fall.because}; ${going}`,
      sinceMs: current.fall.atMs,
    });
  }
  for (const end of ended) {
    const isTold = findings.some(({ subject }) => subject.name === end.release);
    if (nowMs - end.atMs < FOUND_FOR_MS && !isTold) findings.push(...findingsOf(end));
  }
  return findings;
}

function findingsOf(end: RolloutEnd): readonly Finding[] {
  if (end.outcome === "done") return [];
  const isIncomplete = end.cause === "missing-artifact";
  const gone = end.outcome === "rolled-back" ? "; it was taken back" : "; nothing was touched";
  return [
    {
      cause: isIncomplete ? "release-incomplete" : "release-bad",
      subject: { kind: "release", name: end.release },
      severity: severityOf(end.cause),
      evidence: `${end.because}${gone}`,
      sinceMs: end.atMs,
    },
  ];
}

/** Who gave a command, or a release that does not exist, knows of it. */
function severityOf(cause: RolloutCause | null): Severity {
  return cause === "missing-artifact" || cause === "operator" ? "note" : "act";
}
