/** When releases have to wait: people are being turned away, and a change would hide why. */
import type { Cause } from "../incident/finding.ts";
import type { Incident } from "../incident/incident.ts";

const SHEDDING: ReadonlySet<Cause> = new Set<Cause>([
  "capacity-exhausted",
  "launches-failing",
  "control-wedged",
  "control-down",
  "cluster-api-unreachable",
  "edge-down",
  "quota-ghost",
]);

/** Until such an incident is over: one that is only mitigated may come back. */
export function isSheddingLoad(incidents: readonly Incident[]): boolean {
  return incidents.some(({ cause, state }) => state !== "resolved" && SHEDDING.has(cause));
}
