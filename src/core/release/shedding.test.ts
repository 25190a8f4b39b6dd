/** Incidents during which releases wait. */
import { expect, it } from "vitest";
import type { Cause } from "../incident/finding.ts";
import type { Incident, IncidentState } from "../incident/incident.ts";
import { isSheddingLoad } from "./shedding.ts";

const incident = (cause: Cause, state: IncidentState): Incident => ({
  ...{ id: "1", cause, state, severity: "act", openedAtMs: 0, goneSinceMs: null },
  ...{ subject: { kind: "cluster", name: "cluster" }, resolvedAtMs: null },
  ...{ relatedTo: [], timeline: [] },
});

it.each<[Cause, IncidentState, boolean]>([
  ["capacity-exhausted", "open", true],
  ["capacity-exhausted", "mitigated", true],
  ["capacity-exhausted", "resolved", false],
  ["release-bad", "open", false],
  ["certificate-expiring", "open", false],
])("releases wait for %s that is %s: %s", (cause, state, waits) => {
  expect(isSheddingLoad([incident(cause, state)])).toBe(waits);
});
