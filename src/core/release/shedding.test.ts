/** Incidents during which releases wait. */
import { expect, it } from "vitest";
import type { Cause } from "../incident/finding.ts";
import type { Incident, IncidentState } from "../incident/incident.ts";
import { type ReleaseHold, releaseHold } from "./shedding.ts";

const incident = (cause: Cause, state: IncidentState): Incident => ({
  ...{ id: "1", cause, state, severity: "act", openedAtMs: 0, goneSinceMs: null },
  ...{ subject: { kind: "cluster", name: "cluster" }, resolvedAtMs: null },
  ...{ relatedTo: [], timeline: [] },
});

it.each<[Cause, IncidentState, ReleaseHold]>([
  ["capacity-exhausted", "open", "production"],
  ["capacity-exhausted", "mitigated", "production"],
  ["capacity-exhausted", "resolved", "nothing"],
  ["launches-failing", "open", "everything"],
  ["release-bad", "open", "nothing"],
  ["certificate-expiring", "open", "nothing"],
])("while %s is %s a release is held from %s", (cause, state, held) => {
  expect(releaseHold([incident(cause, state)])).toBe(held);
});

it("what holds most counts", () => {
  const both = [incident("capacity-exhausted", "open"), incident("control-down", "open")];
  expect(releaseHold(both)).toBe("everything");
});
