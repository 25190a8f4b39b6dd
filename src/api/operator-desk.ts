/** What the API offers to whoever is on duty: the control plane's door, and what the watch over it knows. */
import type { Incident } from "#core/incident/incident.ts";
import type { ControlPlane } from "#control/control-plane-api.ts";
import type { OperatorDoor } from "#ports/operator.ts";

export interface OperatorDesk extends OperatorDoor {
  /** Oldest first; empty where nothing watches. */
  incidents(): readonly Incident[];
}

/** Where nothing watches over the control plane. */
export function deskWithoutWatch({ operations }: ControlPlane): OperatorDesk {
  return {
    status: () => operations.status(),
    execute: (command, actor, evidence) => operations.execute(command, actor, evidence),
    audit: (limit) => operations.audit(limit),
    incidents: () => [],
  };
}
