/** How builds went: who waited for one, for how long for a slot, and whether slots were idle meanwhile. */
import type { WorldRecord } from "../world/records.ts";
import type { ArgumentSpecs, ArgumentValues } from "./argument.ts";
import { isOfRepo, REPO_ARGUMENTS, wantsSession } from "./launch-wishes.ts";
import {
  isWithin,
  largest,
  type Measure,
  type MeasureContext,
  numberOf,
  percentile,
  SPAN_ARGUMENTS,
  spanOf,
} from "./measure.ts";

const OF_REPOS = { ...REPO_ARGUMENTS, ...SPAN_ARGUMENTS } as const satisfies ArgumentSpecs;

export const BUILD_MEASURES = {
  builds: {
    meaning: "Builds that were begun.",
    unit: "count",
    arguments: OF_REPOS,
    of: (records, values, context) => {
      const span = spanOf(values, context);
      return records.filter(
        (each) =>
          each.kind === "build-started" && isOfRepo(each.repo, values) && isWithin(each.atMs, span),
      ).length;
    },
  },
  "waits-for-build": {
    meaning: "Launches that had to wait for a build.",
    unit: "count",
    arguments: OF_REPOS,
    of: (records, values, context) => {
      const span = spanOf(values, context);
      return records.filter(
        (each) =>
          each.kind === "launch-building" &&
          wantsSession(each) &&
          isOfRepo(each.repo, values) &&
          isWithin(each.atMs, span),
      ).length;
    },
  },
  "watchers-served": {
    meaning: "Those who only followed a build and were told its good end, of all who did.",
    unit: "share",
    arguments: OF_REPOS,
    of: (records, values, context) => {
      const span = spanOf(values, context);
      let followed = 0;
      let served = 0;
      for (const each of records) {
        if (each.kind !== "launch-asked" && each.kind !== "launch-ended") continue;
        const isMeant = each.isWatching && !each.isCanary && isOfRepo(each.repo, values);
        if (!isMeant || !isWithin(each.atMs, span)) continue;
        if (each.kind === "launch-asked") followed += 1;
        else if (each.outcome === "ready") served += 1;
      }
      return followed === 0 ? null : served / followed;
    },
  },
  "queue-age-p95": {
    meaning:
      "A percentile of the time that builds waited for a slot, from the moment at which somebody waited for them.",
    unit: "duration",
    arguments: {
      percentile: { type: "share", meaning: "Which percentile.", default: 0.95 },
      ...OF_REPOS,
    },
    of: (records, values, context) =>
      percentile(queueAges(records, values, context), numberOf(values, "percentile") ?? 0.95),
  },
  "slots-idle-max": {
    meaning: "The longest time for which a build waited although a slot was free.",
    unit: "duration",
    arguments: SPAN_ARGUMENTS,
    of: (records, values, context) => {
      const span = spanOf(values, context);
      return (
        largest(
          records.flatMap((each) =>
            each.kind === "measured" && each.what === "builds.idleMs" && isWithin(each.atMs, span)
              ? [each.value]
              : [],
          ),
        ) ?? 0
      );
    },
  },
} as const satisfies Record<string, Measure>;

/** Of builds that somebody waited for; those that wait still have waited, too. */
function queueAges(
  records: readonly WorldRecord[],
  values: ArgumentValues,
  context: MeasureContext,
): readonly number[] {
  const span = spanOf(values, context);
  const waiting = new Map<string, number>();
  /** Whether somebody waited for the build that runs. */
  const running = new Map<string, boolean>();
  const ages: number[] = [];
  for (const record of records) {
    if (record.kind === "launch-building") {
      if (!isOfRepo(record.repo, values) || !isWithin(record.atMs, span)) continue;
      const isCounted = running.get(record.repo);
      if (isCounted === undefined) {
        if (!waiting.has(record.repo)) waiting.set(record.repo, record.atMs);
      } else if (!isCounted) {
        running.set(record.repo, true);
        ages.push(0);
      }
    } else if (record.kind === "build-started") {
      const sinceMs = waiting.get(record.repo);
      if (sinceMs !== undefined) ages.push(record.atMs - sinceMs);
      waiting.delete(record.repo);
      running.set(record.repo, sinceMs !== undefined);
    } else if (record.kind === "build-ended") running.delete(record.repo);
  }
  for (const sinceMs of waiting.values()) ages.push(context.endsAtMs - sinceMs);
  return ages;
}
