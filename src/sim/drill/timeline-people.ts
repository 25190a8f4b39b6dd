/** What an operator would have seen of people and machines: failing launches, refusals, growth. */
import type { WorldRecord } from "../world/records.ts";
import type { TimelineEntry } from "./timeline-entry.ts";

type Ended = Extract<WorldRecord, { kind: "launch-ended" }>;

const RECENT_MAX = 10;
const RECENT_MIN = 4;
const FAILING_SHARE = 0.5;
const NAMED_MAX = 3;

export function peopleEntries(records: readonly WorldRecord[]): readonly TimelineEntry[] {
  return [...launchEntries(records), ...refusalEntries(records), ...growthEntries(records)];
}

/** When most launches began to fail for reasons that are not theirs, and when that was over. */
function launchEntries(records: readonly WorldRecord[]): readonly TimelineEntry[] {
  const entries: TimelineEntry[] = [];
  const recent: Ended[] = [];
  let isFailing = false;
  for (const record of records) {
    if (record.kind !== "launch-ended" || record.isCanary || record.outcome === "refused") continue;
    recent.push(record);
    if (recent.length > RECENT_MAX) recent.shift();
    const failed = recent.filter(isFailed);
    const isNow = recent.length >= RECENT_MIN && failed.length >= recent.length * FAILING_SHARE;
    if (isNow === isFailing) continue;
    if (!isNow && failed.length > 0) continue;
    isFailing = isNow;
    const text = isNow
      ? `Launches fail: ${failed.length} of the last ${recent.length}, for ${named(failed.map(({ repo }) => repo))}${saying(failed)}.`
      : "Launches succeed again.";
    entries.push({ atMs: record.atMs, kind: "people", text, group: null });
  }
  return entries;
}

function isFailed({ outcome, fault }: Ended): boolean {
  return outcome === "left" || (outcome === "failed" && fault === "platform");
}

function named(repos: readonly string[]): string {
  const unique = [...new Set(repos)];
  const rest = unique.length - NAMED_MAX;
  const shown = unique.slice(0, NAMED_MAX).join(", ");
  return rest > 0
    ? `${shown} and ${rest} more ${rest === 1 ? "repository" : "repositories"}`
    : shown;
}

function saying(failed: readonly Ended[]): string {
  const code = failed.findLast((each) => each.code !== null)?.code ?? null;
  return code === null ? "" : ` (${code})`;
}

function refusalEntries(records: readonly WorldRecord[]): readonly TimelineEntry[] {
  return records.flatMap((record): TimelineEntry[] =>
    record.kind === "launch-ended" && record.outcome === "refused" && !record.isCanary
      ? [
          {
            atMs: record.atMs,
            kind: "people",
            text: `A launch of ${record.repo} is refused (${record.code ?? "without a code"}).`,
            group: "refused",
          },
        ]
      : [],
  );
}

/** Whenever there are more machines than ever before. */
function growthEntries(records: readonly WorldRecord[]): readonly TimelineEntry[] {
  const entries: TimelineEntry[] = [];
  let most: number | null = null;
  for (const record of records) {
    if (record.kind !== "sample") continue;
    if (most !== null && record.nodes > most) {
      const text = `Now at ${record.nodes} machines, with ${record.pods} pods of sessions.`;
      entries.push({ atMs: record.atMs, kind: "happened", text, group: "growth" });
    }
    most = Math.max(most ?? 0, record.nodes);
  }
  return entries;
}
