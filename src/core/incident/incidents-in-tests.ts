/** Findings and incidents for tests to change one thing of. */
import { component, node } from "../detection/observed-in-tests.ts";
import type { IncidentFacts } from "./decide-incidents.ts";
import type { Cause, Finding, Subject } from "./finding.ts";
import type { Incident } from "./incident.ts";
import type { RemedyFacts } from "./remedies.ts";

export function finding(
  cause: Cause,
  subject: Subject = { kind: "cluster", name: "x" },
  change: Partial<Finding> = {},
): Finding {
  return { cause, subject, severity: "act", evidence: `${cause} it is`, sinceMs: 0, ...change };
}

export function incident(cause: Cause, change: Partial<Incident> = {}): Incident {
  return {
    ...{ id: `${cause}-1`, cause, subject: { kind: "cluster", name: "x" }, severity: "act" },
    ...{ state: "open", openedAtMs: 0, goneSinceMs: null, resolvedAtMs: null, relatedTo: [] },
    timeline: [{ kind: "found", atMs: 0, evidence: `${cause} it is` }],
    ...change,
  };
}

export const ALL_GREEN: IncidentFacts = {
  ...{ explained: [], exhausted: new Set(), greenCanaries: 5, goodSinceMs: 0 },
  ...{ aside: new Set(), quarantined: new Set(), hasBacklog: false },
};

export const REMEDY_FACTS: RemedyFacts = {
  components: [
    component("control-1", { startedAtMs: 1 }),
    component("control-2", { isLeading: true, startedAtMs: 2, node: "node-2" }),
    component("edge-1", { role: "edge" }),
    component("edge-2", { role: "edge", node: "node-2" }),
    component("metrics-1", { role: "metrics", node: "node-3" }),
  ],
  nodes: [node("node-1"), node("node-2"), node("bad", { bars: ["cordoned"] })],
  doubted: new Set(),
  hasYoungRelease: false,
  mayRestartControl: true,
  isControlSuspect: true,
};
