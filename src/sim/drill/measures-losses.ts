/** What became of those who were on a machine that was lost. */
import type { WorldRecord } from "../world/records.ts";
import { FAULT_ARGUMENT, faultMeant, type Measure } from "./measure.ts";

/** The text of a session's end by its machine. */
const LOST = "node-failed";

export const LOSS_MEASURES = {
  "lost-told-after": {
    meaning:
      "From the fault to the moment when of all sessions in use that their machine ended it is known that it did; never while one is not.",
    unit: "duration",
    arguments: { fault: FAULT_ARGUMENT },
    of: (records, values) => {
      const fault = faultMeant(records, values);
      if (fault === null) return null;
      const lost = records.filter(
        (each) =>
          each.kind === "session-ended" &&
          each.end === LOST &&
          each.wasInUse &&
          each.atMs >= fault.atMs,
      );
      const told = records.filter((each) => isTold(each) && each.atMs >= fault.atMs);
      const last = told.at(-1);
      return last === undefined || told.length < lost.length ? null : last.atMs - fault.atMs;
    },
  },
} as const satisfies Record<string, Measure>;

function isTold(record: WorldRecord): boolean {
  return record.kind === "measured" && record.what === "sessions.toldLost";
}
