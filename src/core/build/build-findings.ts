/** What is found about builds: those that were ended by their limit, and those that a crowd waits for. */
import { formatBytes, formatDuration } from "#base/units.ts";
import type { Finding } from "../incident/finding.ts";
import type { Policy } from "../policy.ts";
import { isRecent, RECENT_MS } from "./recent-failures.ts";

export interface MemoryFailure {
  readonly atMs: number;
  readonly repoKey: string;
}

export interface BuildCrowd {
  readonly repoKey: string;
  readonly watchers: number;
  readonly sinceMs: number;
}

/** Both are told and ask for nothing: the limit has already helped, and a crowd is no fault. */
export function buildFindings(
  { crowds, failures }: { crowds: readonly BuildCrowd[]; failures: readonly MemoryFailure[] },
  policy: Pick<Policy, "buildMemoryBytes" | "buildCrowdMin">,
  nowMs: number,
): readonly Finding[] {
  if (crowds.length === 0 && failures.length === 0) return [];
  const ended = new Map<string, MemoryFailure[]>();
  for (const failure of failures) {
    if (!isRecent(failure, nowMs)) continue;
    const ofRepo = ended.get(failure.repoKey) ?? [];
    ended.set(failure.repoKey, [...ofRepo, failure]);
  }
  const outOfMemory = [...ended].map(([name, own]): Finding => {
    const times = own.length === 1 ? "once" : `${own.length} times`;
    return {
      cause: "build-out-of-memory",
      subject: { kind: "repository", name },
      severity: "note",
      evidence: `The build of ${name} asked for more than its ${formatBytes(policy.buildMemoryBytes)} of memory and was ended by that limit, ${times} within ${formatDuration(RECENT_MS)}.`,
      sinceMs: own[0]?.atMs ?? nowMs,
    };
  });
  const crowded = crowds.filter(({ watchers }) => watchers >= policy.buildCrowdMin);
  return [
    ...outOfMemory,
    ...crowded.map(
      ({ repoKey: name, sinceMs, watchers }): Finding => ({
        cause: "build-crowd",
        subject: { kind: "repository", name },
        severity: "note",
        evidence: `${watchers} launches wait for the one build of ${name}, which runs for ${formatDuration(nowMs - sinceMs)}.`,
        sinceMs,
      }),
    ),
  ];
}
