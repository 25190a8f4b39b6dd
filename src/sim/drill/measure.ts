/** What every measure is: a number out of the records of a run, or null when there was nothing. */
import type { Cause } from "#core/incident/finding.ts";
import { causesOf } from "../faults/causes.ts";
import type { WorldRecord } from "../world/records.ts";
import type { ArgumentSpec, ArgumentSpecs, ArgumentValues } from "./argument.ts";
import { recordsOf } from "./records-by-kind.ts";

/** `duration` in ms, `share` from 0 to 1, `flag` 0 or 1. */
export type MeasureUnit = "duration" | "share" | "count" | "size" | "number";

export interface MeasureContext {
  readonly startsAtMs: number;
  readonly endsAtMs: number;
}

export interface Measure {
  readonly meaning: string;
  readonly unit: MeasureUnit;
  readonly arguments: ArgumentSpecs;
  readonly of: (
    records: readonly WorldRecord[],
    values: ArgumentValues,
    context: MeasureContext,
  ) => number | null;
}

export type FaultRecord = Extract<WorldRecord, { kind: "fault" }>;

/** Since, until: parts of the run, counted from its start. */
export const SPAN_ARGUMENTS = {
  from: { type: "duration", meaning: "Only from here on, after the start.", default: 0 },
  to: { type: "duration", meaning: "Only until here.", isOptional: true },
} as const satisfies ArgumentSpecs;

export const FAULT_ARGUMENT: ArgumentSpec = {
  type: "text",
  meaning:
    "The verb of the fault from which time counts, `VERB#2` for the second such; without it the first fault that has this cause, or the first of all.",
  isOptional: true,
};

export function textOf(values: ArgumentValues, name: string): string | null {
  const value = values[name];
  return typeof value === "string" ? value : null;
}

export function numberOf(values: ArgumentValues, name: string): number | null {
  const value = values[name];
  return typeof value === "number" ? value : null;
}

export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

export function spanOf(values: ArgumentValues, { startsAtMs, endsAtMs }: MeasureContext): Span {
  const to = numberOf(values, "to");
  return {
    fromMs: startsAtMs + (numberOf(values, "from") ?? 0),
    toMs: to === null ? endsAtMs : startsAtMs + to,
  };
}

export function isWithin(atMs: number, { fromMs, toMs }: Span): boolean {
  return atMs >= fromMs && atMs <= toMs;
}

/** What was done to the world that something should be found of. */
export function faultsOf(records: readonly WorldRecord[]): readonly FaultRecord[] {
  return recordsOf(records, "fault").filter(
    (record) => causesOf(record.verb, record.values).length > 0,
  );
}

/** The fault that the values mean: by verb, else by cause, else the first one. */
export function faultMeant(
  records: readonly WorldRecord[],
  values: ArgumentValues,
): FaultRecord | null {
  const wanted = textOf(values, "fault");
  if (wanted !== null) return faultNamed(records, wanted);
  const faults = faultsOf(records);
  const cause = textOf(values, "cause");
  const byCause = faults.find(
    (fault) => cause !== null && causesOf(fault.verb, fault.values).includes(cause as Cause),
  );
  return byCause ?? faults[0] ?? null;
}

/** `edge.wedge`: the first of these; `edge.wedge#2`: the second. */
function faultNamed(records: readonly WorldRecord[], wanted: string): FaultRecord | null {
  const [verb, number] = wanted.split("#");
  const all = recordsOf(records, "fault").filter((record) => record.verb === verb);
  return all[Number(number ?? 1) - 1] ?? null;
}

/** The value under which this share of the values lies; null without values. */
export function percentile(values: readonly number[], share: number): number | null {
  if (values.length === 0) return null;
  const sorted = Float64Array.from(values).sort();
  return (
    sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length - 1e-9) - 1)] ??
    sorted[0] ??
    null
  );
}

export function largest(values: Iterable<number>): number | null {
  let best: number | null = null;
  for (const value of values) if (best === null || value > best) best = value;
  return best;
}
