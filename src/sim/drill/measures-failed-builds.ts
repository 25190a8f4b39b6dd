/** What builds that failed cost, and how many it took until their cause was found. */
import type { Cause } from "#core/incident/finding.ts";
import type { WorldRecord } from "../world/records.ts";
import { FAULT_ARGUMENT, faultMeant, isWithin, largest, type Measure } from "./measure.ts";
import { SPAN_ARGUMENTS, spanOf, textOf } from "./measure.ts";
import { foundAtMs } from "./measures-incidents.ts";

type BuildEnded = Extract<WorldRecord, { kind: "build-ended" }>;

export const FAILED_BUILD_MEASURES = {
  "builds-until-found": {
    meaning: "Builds that failed from the fault until the first incident of this cause.",
    unit: "count",
    arguments: {
      cause: { type: "text", meaning: "The cause." },
      fault: FAULT_ARGUMENT,
    },
    of: (records, values) => {
      const fault = faultMeant(records, values);
      if (fault === null) return null;
      const cause = textOf(values, "cause") as Cause;
      const foundMs = foundAtMs(records, ({ incident }) => incident.cause === cause, fault.atMs);
      if (foundMs === null) return null;
      return failed(records).filter(({ atMs }) => atMs >= fault.atMs && atMs <= foundMs).length;
    },
  },
  "failed-build-length-max": {
    meaning: "The longest time for which a build that failed held its slot.",
    unit: "duration",
    arguments: SPAN_ARGUMENTS,
    of: (records, values, context) => {
      const span = spanOf(values, context);
      const startedAtMs = new Map<string, number>();
      const lengths: number[] = [];
      for (const record of records) {
        if (record.kind === "build-started") startedAtMs.set(record.key, record.atMs);
        else if (record.kind === "build-ended" && !record.isGood && isWithin(record.atMs, span))
          lengths.push(record.atMs - (startedAtMs.get(record.key) ?? record.atMs));
      }
      return largest(lengths);
    },
  },
} as const satisfies Record<string, Measure>;

function failed(records: readonly WorldRecord[]): readonly BuildEnded[] {
  return records.filter((each): each is BuildEnded => each.kind === "build-ended" && !each.isGood);
}
