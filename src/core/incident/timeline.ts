/** An incident's record: it grows by one entry, its beginning and its latest entries stay. */
import type { Policy } from "../policy.ts";
import type { Incident, IncidentEntry } from "./incident.ts";

export function withEntry(
  incident: Incident,
  entry: IncidentEntry,
  { incidentTimelineMax }: Pick<Policy, "incidentTimelineMax">,
): Incident {
  const timeline = [...incident.timeline, entry];
  if (timeline.length > incidentTimelineMax) timeline.splice(1, 1);
  return { ...incident, timeline };
}

/** Since when it is open without a break, and as grave as it is now. */
export function openSinceMs({ openedAtMs, timeline }: Incident): number {
  const last = timeline.findLast(({ kind }) => kind === "found" || kind === "reopened");
  return last?.atMs ?? openedAtMs;
}

/** What it rests on, as said last. */
export function evidenceOf({ timeline }: Incident): string {
  const said = timeline.findLast(({ kind }) => kind === "found" || kind === "reopened");
  return said !== undefined && "evidence" in said ? said.evidence : "";
}
