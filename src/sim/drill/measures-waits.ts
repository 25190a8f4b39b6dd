/** How long people waited, what they were told, and who was refused. */
import { SECOND_MS } from "#base/units.ts";
import type { WorldRecord } from "../world/records.ts";
import type { ArgumentSpec, ArgumentValues } from "./argument.ts";
import { asked, endings, isOfRepo, REPO_ARGUMENTS, wantsSession } from "./launch-wishes.ts";
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

const PERCENTILE: ArgumentSpec = { type: "share", meaning: "Which percentile.", default: 0.95 };

export const WAIT_MEASURES = {
  refusals: {
    meaning: "Launches that were refused.",
    unit: "count",
    arguments: { ...REPO_ARGUMENTS, ...SPAN_ARGUMENTS },
    of: (records, values, context) =>
      endings(records, values, context).filter(({ outcome }) => outcome === "refused").length,
  },
  "refusal-latency": {
    meaning: "The longest wait for a refusal.",
    unit: "duration",
    arguments: { ...REPO_ARGUMENTS, ...SPAN_ARGUMENTS },
    of: (records, values, context) =>
      largest(
        endings(records, values, context)
          .filter(({ outcome }) => outcome === "refused")
          .map(({ waitedMs }) => waitedMs),
      ),
  },
  "refusals-with-time": {
    meaning: "Refusals that say when to come again, of all.",
    unit: "share",
    arguments: { ...REPO_ARGUMENTS, ...SPAN_ARGUMENTS },
    of: (records, values, context) => {
      const refused = endings(records, values, context).filter(
        ({ outcome }) => outcome === "refused",
      );
      return refused.length === 0
        ? null
        : refused.filter((each) => each.retryAfterSeconds !== null).length / refused.length;
    },
  },
  "wait-p95": {
    meaning:
      "A percentile of the wait, of all that were not refused: those who failed or left have waited, too.",
    unit: "duration",
    arguments: { percentile: PERCENTILE, ...REPO_ARGUMENTS, ...SPAN_ARGUMENTS },
    of: (records, values, context) =>
      percentile(
        endings(records, values, context)
          .filter(({ outcome }) => outcome !== "refused")
          .map(({ waitedMs }) => waitedMs),
        numberOf(values, "percentile") ?? 0.95,
      ),
  },
  "launches-slower": {
    meaning:
      "Launches that did not come to a session within a time, those without an end included; refusals do not count.",
    unit: "count",
    arguments: {
      than: { type: "duration", meaning: "The time." },
      ...REPO_ARGUMENTS,
      ...SPAN_ARGUMENTS,
    },
    of: launchesSlower,
  },
  "told-after-max": {
    meaning:
      "The longest time until somebody had a seat on a machine, a refusal, a failure, or a place in the queue with an estimate.",
    unit: "duration",
    arguments: { ...REPO_ARGUMENTS, ...SPAN_ARGUMENTS },
    of: toldAfterMax,
  },
  "silence-max": {
    meaning:
      "The longest time without news for somebody who waits for a launch, or who follows a build.",
    unit: "duration",
    arguments: { ...REPO_ARGUMENTS, ...SPAN_ARGUMENTS },
    of: silenceMax,
  },
  "wait-estimate-error": {
    meaning:
      "A percentile of how far the first estimate of the wait was off, as a share of the wait that it was; of those who waited 10 s or more.",
    unit: "share",
    arguments: {
      percentile: { ...PERCENTILE, default: 0.5 },
      ...REPO_ARGUMENTS,
      ...SPAN_ARGUMENTS,
    },
    of: waitEstimateError,
  },
} as const satisfies Record<string, Measure>;

function launchesSlower(
  records: readonly WorldRecord[],
  values: ArgumentValues,
  context: MeasureContext,
): number {
  const thanMs = numberOf(values, "than") ?? 0;
  return asked(records, { ...values, silent: thanMs, total: thanMs }, context).filter(
    ({ isInTime }) => !isInTime,
  ).length;
}

function toldAfterMax(
  records: readonly WorldRecord[],
  values: ArgumentValues,
  context: MeasureContext,
): number | null {
  const span = spanOf(values, context);
  const open = new Map<string, number>();
  let longest: number | null = null;
  for (const record of records) {
    if (record.kind === "launch-asked") {
      const isMeant =
        wantsSession(record) && isWithin(record.atMs, span) && isOfRepo(record.repo, values);
      if (isMeant) open.set(record.launch, record.atMs);
    } else if (
      record.kind === "launch-ended" ||
      record.kind === "pod-bound" ||
      (record.kind === "launch-queued" && record.waitMs !== null)
    ) {
      const { launch } = record;
      const askedAtMs = launch === null ? undefined : open.get(launch);
      if (launch === null || askedAtMs === undefined) continue;
      open.delete(launch);
      longest = Math.max(longest ?? 0, record.atMs - askedAtMs);
    }
  }
  for (const askedAtMs of open.values())
    longest = Math.max(longest ?? 0, context.endsAtMs - askedAtMs);
  return longest;
}

function silenceMax(
  records: readonly WorldRecord[],
  values: ArgumentValues,
  context: MeasureContext,
): number | null {
  const span = spanOf(values, context);
  const silences: number[] = [];
  for (const record of records) {
    if (record.kind !== "launch-ended" || record.isCanary) continue;
    const isMeant = isWithin(record.atMs, span) && isOfRepo(record.repo, values);
    if (isMeant) silences.push(record.silenceMs);
  }
  return largest(silences);
}

const SHORT_WAIT_MS = 10 * SECOND_MS;

function waitEstimateError(
  records: readonly WorldRecord[],
  values: ArgumentValues,
  context: MeasureContext,
): number | null {
  const span = spanOf(values, context);
  const estimates = new Map<string, { readonly atMs: number; readonly waitMs: number }>();
  const errors: number[] = [];
  for (const record of records) {
    if (record.kind === "launch-queued" && record.waitMs !== null && isWithin(record.atMs, span)) {
      if (!estimates.has(record.launch))
        estimates.set(record.launch, { atMs: record.atMs, waitMs: record.waitMs });
    } else if (
      record.kind === "launch-ended" &&
      record.outcome === "ready" &&
      wantsSession(record) &&
      isOfRepo(record.repo, values)
    ) {
      const estimate = estimates.get(record.launch);
      if (estimate === undefined) continue;
      const waitedMs = record.atMs - estimate.atMs;
      if (waitedMs >= SHORT_WAIT_MS) errors.push(Math.abs(estimate.waitMs - waitedMs) / waitedMs);
    }
  }
  return percentile(errors, numberOf(values, "percentile") ?? 0.5);
}
