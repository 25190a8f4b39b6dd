/** How a machine that a fault hit is emptied: of our own parts, and of people, with another one on its way. */
import type { WorldRecord } from "../world/records.ts";
import { FAULT_ARGUMENT, type FaultRecord, faultMeant, type Measure } from "./measure.ts";

/** What takes a machine away from those who are on it. */
const EMPTYING: readonly string[] = ["drain-node", "recycle-node"];

export const EMPTIED_MEASURES = {
  "ordered-before-emptied": {
    meaning:
      "From the first order of a machine after the fault to the first command that empties or replaces what the fault hit, or to the end; never when none was ordered before.",
    unit: "duration",
    arguments: { fault: FAULT_ARGUMENT },
    of: (records, values, { endsAtMs }) => {
      const fault = faultMeant(records, values);
      if (fault === null) return null;
      const later = records.filter(({ atMs }) => atMs >= fault.atMs);
      const ordered = later.find(
        (each) => each.kind === "measured" && each.what === "cluster.nodesComing",
      );
      const emptied = later.find((each) => isEmptying(each, fault));
      if (ordered === undefined) return null;
      const leadMs = (emptied?.atMs ?? endsAtMs) - ordered.atMs;
      return leadMs < 0 ? null : leadMs;
    },
  },
  "left-after": {
    meaning:
      "From the fault to the moment when no part of these roles that was on what it hit is there any more; 0 when none was, never while one is.",
    unit: "duration",
    arguments: {
      role: { type: "list", meaning: "Roles of pods: core, edge.", default: ["core", "edge"] },
      fault: FAULT_ARGUMENT,
    },
    of: (records, values) => {
      const fault = faultMeant(records, values);
      const { role } = values;
      if (fault === null) return null;
      return leftAfter(records, fault, Array.isArray(role) ? role : []);
    },
  },
} as const satisfies Record<string, Measure>;

function isEmptying(record: WorldRecord, { subjects }: FaultRecord): boolean {
  if (record.kind !== "action" || record.record.outcome.kind !== "done") return false;
  const { command } = record.record;
  return EMPTYING.includes(command.kind) && "node" in command && subjects.includes(command.node);
}

/** A part has left when it is placed anew, or when its machine is gone. */
function leftAfter(
  records: readonly WorldRecord[],
  { atMs: sinceMs, subjects }: FaultRecord,
  roles: readonly unknown[],
): number | null {
  const nodeOf = new Map<string, string>();
  const left = new Map<string, number | null>();
  for (const record of records) {
    if (record.kind === "pod-bound" && roles.includes(record.role)) {
      const isThere = subjects.includes(nodeOf.get(record.pod) ?? "");
      if (isThere && record.atMs >= sinceMs) left.set(record.pod, record.atMs);
      nodeOf.set(record.pod, record.node);
    } else if (record.kind === "node-removed" && subjects.includes(record.node)) {
      for (const [pod, node] of nodeOf) if (node === record.node) left.set(pod, record.atMs);
    }
  }
  let last = sinceMs;
  for (const [pod, node] of nodeOf) {
    if (subjects.includes(node) && !left.has(pod)) return null;
    last = Math.max(last, left.get(pod) ?? sinceMs);
  }
  return last - sinceMs;
}
