/** What was found, what was done about it, and whether it was closed by the rule. */
import { MINUTE_MS } from "#base/units.ts";
import type { WorldRecord } from "../world/records.ts";
import type { ArgumentSpecs, ArgumentValues } from "./argument.ts";
import { asked, shareOf } from "./launch-wishes.ts";
import {
  FAULT_ARGUMENT,
  faultMeant,
  isWithin,
  type Measure,
  type MeasureContext,
  SPAN_ARGUMENTS,
  spanOf,
  textOf,
} from "./measure.ts";
import { recordsOf } from "./records-by-kind.ts";

type IncidentRecord = Extract<WorldRecord, { kind: "incident" }>;

const CAUSE_ARGUMENTS = {
  cause: { type: "text", meaning: "Only of this cause.", isOptional: true },
  subject: {
    type: "text",
    meaning: "Only of the thing with this name; `faulted`: of one that the fault hit.",
    isOptional: true,
  },
} as const satisfies ArgumentSpecs;

const GREEN_MIN = 5;
const CALM_MS = 10 * MINUTE_MS;
const SUCCESS_MIN = 0.99;

function isIncidentOf(
  record: IncidentRecord,
  values: ArgumentValues,
  hit: readonly string[],
): boolean {
  const cause = textOf(values, "cause");
  const subject = textOf(values, "subject");
  const { name } = record.incident.subject;
  if (cause !== null && record.incident.cause !== cause) return false;
  return subject === null || (subject === "faulted" ? hit.includes(name) : name === subject);
}

/** When an incident of one of these causes began, at this time or later. */
export function foundAtMs(
  records: readonly WorldRecord[],
  isMeant: (record: IncidentRecord) => boolean,
  sinceMs: number,
): number | null {
  for (const record of recordsOf(records, "incident")) {
    if (record.atMs < sinceMs || !isMeant(record)) continue;
    if (record.change === "opened" || record.change === "reopened") return record.atMs;
  }
  return null;
}

function opened(
  records: readonly WorldRecord[],
  values: ArgumentValues,
  context: MeasureContext,
): readonly IncidentRecord[] {
  const span = spanOf(values, context);
  const hit = faultMeant(records, values)?.subjects ?? [];
  return recordsOf(records, "incident").filter(
    (record) =>
      isIncidentOf(record, values, hit) &&
      record.change === "opened" &&
      isWithin(record.atMs, span),
  );
}

/** Keys of incidents that are not resolved after all records. */
export function openAtEnd(records: readonly WorldRecord[]): ReadonlyMap<string, IncidentRecord> {
  const open = new Map<string, IncidentRecord>();
  for (const record of recordsOf(records, "incident")) {
    if (record.change === "resolved") open.delete(record.incident.id);
    else open.set(record.incident.id, record);
  }
  return open;
}

/** Whether the rule held: five green canaries, ten good minutes, no quarantine of its subject. */
function isResolvedByRule(
  records: readonly WorldRecord[],
  resolved: IncidentRecord,
  context: MeasureContext,
): boolean {
  const { atMs, incident } = resolved;
  const canaries = recordsOf(records, "canary");
  const last = canaries.findLastIndex((record) => record.atMs <= atMs);
  const lastOnes = canaries.slice(Math.max(0, last + 1 - GREEN_MIN), last + 1);
  if (lastOnes.length < GREEN_MIN || !lastOnes.every(({ outcome }) => outcome.isGreen))
    return false;
  const from = Math.max(0, atMs - CALM_MS - context.startsAtMs);
  const wishes = asked(records, { from, to: atMs - context.startsAtMs }, context);
  if ((shareOf(wishes, ({ isGood }) => isGood) ?? 1) < SUCCESS_MIN) return false;
  return !isQuarantined(records, incident.subject.name, atMs);
}

function isQuarantined(records: readonly WorldRecord[], node: string, atMs: number): boolean {
  let asideSinceMs: number | null = null;
  for (const record of recordsOf(records, "action")) {
    if (record.atMs > atMs || record.record.outcome.kind !== "done") continue;
    const { command } = record.record;
    if (!("node" in command) || command.node !== node) continue;
    if (command.kind === "quarantine-node") asideSinceMs = record.atMs;
    if (command.kind === "release-node" || command.kind === "recycle-node") asideSinceMs = null;
  }
  if (asideSinceMs === null) return false;
  const sinceMs = asideSinceMs;
  return !recordsOf(records, "node-removed").some(
    (record) => record.node === node && record.atMs >= sinceMs && record.atMs <= atMs,
  );
}

export const INCIDENT_MEASURES = {
  "detected-after": {
    meaning: "From the fault to the first incident of this cause.",
    unit: "duration",
    arguments: {
      cause: { type: "text", meaning: "The cause." },
      subject: CAUSE_ARGUMENTS.subject,
      fault: FAULT_ARGUMENT,
    },
    of: (records, values) => {
      const fault = faultMeant(records, values);
      if (fault === null) return null;
      const isMeant = (record: IncidentRecord) => isIncidentOf(record, values, fault.subjects);
      const atMs = foundAtMs(records, isMeant, fault.atMs);
      return atMs === null ? null : atMs - fault.atMs;
    },
  },
  incidents: {
    meaning: "Incidents that were opened.",
    unit: "count",
    arguments: { ...CAUSE_ARGUMENTS, fault: FAULT_ARGUMENT, ...SPAN_ARGUMENTS },
    of: (records, values, context) => opened(records, values, context).length,
  },
  "incidents-otherwise": {
    meaning: "Incidents of other causes than these.",
    unit: "count",
    arguments: { causes: { type: "list", meaning: "The causes that are expected." } },
    of: (records, values) => {
      const { causes } = values;
      const expected = Array.isArray(causes) ? causes : [];
      return recordsOf(records, "incident").filter(
        (each) => each.change === "opened" && !expected.includes(each.incident.cause),
      ).length;
    },
  },
  "incidents-open-at-end": {
    meaning: "Incidents that were not resolved by the end.",
    unit: "count",
    arguments: CAUSE_ARGUMENTS,
    of: (records, values) => {
      const hit = faultMeant(records, values)?.subjects ?? [];
      return [...openAtEnd(records).values()].filter((each) => isIncidentOf(each, values, hit))
        .length;
    },
  },
  "resolved-after": {
    meaning: "From the fault to the end of the last incident of this cause.",
    unit: "duration",
    arguments: { ...CAUSE_ARGUMENTS, fault: FAULT_ARGUMENT },
    of: (records, values) => {
      const fault = faultMeant(records, values);
      if (fault === null) return null;
      let atMs: number | null = null;
      for (const record of recordsOf(records, "incident")) {
        if (record.atMs < fault.atMs || !isIncidentOf(record, values, fault.subjects)) continue;
        atMs = record.change === "resolved" ? record.atMs : null;
      }
      return atMs === null ? null : atMs - fault.atMs;
    },
  },
  "resolved-by-rule": {
    meaning:
      "Incidents that were closed after five green canaries in a row, ten minutes in which people were served well, and without a quarantine of their subject; of all that were closed.",
    unit: "share",
    arguments: CAUSE_ARGUMENTS,
    of: (records, values, context) => {
      const hit = faultMeant(records, values)?.subjects ?? [];
      const resolved = recordsOf(records, "incident").filter(
        (each) => isIncidentOf(each, values, hit) && each.change === "resolved",
      );
      if (resolved.length === 0) return null;
      return (
        resolved.filter((each) => isResolvedByRule(records, each, context)).length / resolved.length
      );
    },
  },
  pages: {
    meaning: "Times that somebody was woken.",
    unit: "count",
    arguments: SPAN_ARGUMENTS,
    of: (records, values, context) => {
      const span = spanOf(values, context);
      return recordsOf(records, "page").filter((each) => isWithin(each.atMs, span)).length;
    },
  },
  "paged-after": {
    meaning: "From the fault to the next page.",
    unit: "duration",
    arguments: { fault: FAULT_ARGUMENT },
    of: (records, values) => {
      const fault = faultMeant(records, values);
      const page = recordsOf(records, "page").find(
        (each) => fault !== null && each.atMs >= fault.atMs,
      );
      return fault === null || page === undefined ? null : page.atMs - fault.atMs;
    },
  },
  "canary-failures": {
    meaning: "Canaries that were not green.",
    unit: "count",
    arguments: SPAN_ARGUMENTS,
    of: (records, values, context) => {
      const span = spanOf(values, context);
      return recordsOf(records, "canary").filter(
        (each) => !each.outcome.isGreen && isWithin(each.atMs, span),
      ).length;
    },
  },
} as const satisfies Record<string, Measure>;
