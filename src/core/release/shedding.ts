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

export function isSheddingLoad(incidents: readonly Incident[]): boolean {
  return incidents.some(({ cause, state }) => state === "open" && SHEDDING.has(cause));
}
