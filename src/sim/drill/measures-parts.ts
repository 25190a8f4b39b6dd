/** What single parts of the world measured themselves, and what requests at the edge came to. */
import type { WorldRecord } from "../world/records.ts";
import type { ArgumentSpecs, ArgumentValues } from "./argument.ts";
import {
  FAULT_ARGUMENT,
  faultMeant,
  isWithin,
  largest,
  type Measure,
  type MeasureContext,
  numberOf,
  percentile,
  SPAN_ARGUMENTS,
  spanOf,
  textOf,
} from "./measure.ts";

function measured(
  records: readonly WorldRecord[],
  values: ArgumentValues,
  context: MeasureContext,
): readonly number[] {
  const span = spanOf(values, context);
  const what = textOf(values, "what");
  return records.flatMap((each) =>
    each.kind === "measured" && each.what === what && isWithin(each.atMs, span) ? [each.value] : [],
  );
}

type Requests = Extract<WorldRecord, { kind: "requests" }>;

const WHAT = {
  what: { type: "text", meaning: "The name of what is measured: `control.loopLagMs` …" },
  ...SPAN_ARGUMENTS,
} as const satisfies ArgumentSpecs;
const REQUESTS = {
  what: { type: "text", meaning: "Which requests.", isOptional: true },
  ...SPAN_ARGUMENTS,
} as const satisfies ArgumentSpecs;

function requests(
  records: readonly WorldRecord[],
  values: ArgumentValues,
  context: MeasureContext,
): readonly Requests[] {
  const span = spanOf(values, context);
  const what = textOf(values, "what");
  return records.filter(
    (each): each is Requests =>
      each.kind === "requests" &&
      (what === null || each.what === what) &&
      isWithin(each.atMs, span),
  );
}

/** What is over within a second is not written down. */
function longestOf(what: string): Pick<Measure, "arguments" | "of"> {
  return {
    arguments: SPAN_ARGUMENTS,
    of: (records, values, context) => largest(measured(records, { ...values, what }, context)) ?? 0,
  };
}

function sum(all: readonly Requests[], field: "failed" | "total"): number {
  return all.reduce((before, each) => before + each[field], 0);
}

export const PART_MEASURES = {
  "measured-max": {
    meaning: "The largest value that was measured.",
    unit: "number",
    arguments: WHAT,
    of: (records, values, context) => largest(measured(records, values, context)),
  },
  "measured-min": {
    meaning: "The smallest value that was measured.",
    unit: "number",
    arguments: WHAT,
    of: (records, values, context) => {
      const lowest = largest(measured(records, values, context).map((value) => -value));
      return lowest === null ? null : -lowest;
    },
  },
  "measured-p99": {
    meaning: "A percentile of the values that were measured.",
    unit: "number",
    arguments: {
      percentile: { type: "share", meaning: "Which percentile.", default: 0.99 },
      ...WHAT,
    },
    of: (records, values, context) =>
      percentile(measured(records, values, context), numberOf(values, "percentile") ?? 0.99),
  },
  "measured-last": {
    meaning: "The last value that was measured.",
    unit: "number",
    arguments: WHAT,
    of: (records, values, context) => measured(records, values, context).at(-1) ?? null,
  },
  requests: {
    meaning: "Requests at the edge.",
    unit: "count",
    arguments: REQUESTS,
    of: (records, values, context) => sum(requests(records, values, context), "total"),
  },
  "requests-failed": {
    meaning: "Requests at the edge that failed, or reached what they must not.",
    unit: "count",
    arguments: REQUESTS,
    of: (records, values, context) => sum(requests(records, values, context), "failed"),
  },
  "requests-failed-share": {
    meaning: "The same, as a share of all.",
    unit: "share",
    arguments: REQUESTS,
    of: (records, values, context) => {
      const all = requests(records, values, context);
      const total = sum(all, "total");
      return total === 0 ? null : sum(all, "failed") / total;
    },
  },
  "requests-well-after": {
    meaning: "From the fault to the last failed request before ten minutes without one.",
    unit: "duration",
    arguments: { what: REQUESTS.what, fault: FAULT_ARGUMENT },
    of: (records, values, context) => {
      const fault = faultMeant(records, values);
      if (fault === null) return null;
      let lastMs = fault.atMs;
      for (const { atMs, failed } of requests(
        records,
        { ...values, from: fault.atMs - context.startsAtMs },
        context,
      )) {
        if (atMs - lastMs > CALM_MS) break;
        if (failed > 0) lastMs = atMs;
      }
      return lastMs - fault.atMs;
    },
  },
  "orphan-age-max": {
    meaning: "The greatest age of a pod without an owner.",
    unit: "duration",
    ...longestOf("sessions.orphanAgeMs"),
  },
  "stop-age-max": {
    meaning: "The longest time from the wish that a session ends until it is known to be gone.",
    unit: "duration",
    ...longestOf("sessions.stoppingMs"),
  },
  "cache-age-max": {
    meaning:
      "The longest time for which the control plane saw a session otherwise than it was; while the cluster's API refuses everything, this clock stands still.",
    unit: "duration",
    ...longestOf("control.cacheAgeMs"),
  },
} as const satisfies Record<string, Measure>;

const CALM_MS = 600_000;
