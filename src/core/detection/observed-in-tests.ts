/** A healthy Bindery as detection sees it, for tests to change one thing of. */
import type { NodeObservation } from "../nodes/node.ts";
import type { OperatorStatus } from "../operations/status.ts";
import { NO_CANARIES } from "./canaries.ts";
import type { ComponentLook, Observed } from "./observed.ts";

export function node(name: string, change: Partial<NodeObservation> = {}): NodeObservation {
  return {
    ...{ name, createdAtMs: 0, isReady: true, bars: [], heartbeatAtMs: 0, addresses: ["10.0.0.1"] },
    ...{ seats: 10, sessions: 0, diskFreeRatio: 0.5, memoryFreeRatio: 0.5, isReadOnly: false },
    hasScratchDisk: true,
    ...change,
  };
}

export function component(name: string, change: Partial<ComponentLook> = {}): ComponentLook {
  return {
    ...{ name, role: "control", node: "node-1", isReady: true, startedAtMs: 0, restarts: 0 },
    ...{ release: "1", memoryBytes: null, handles: null, loopLagMs: null, answers: null },
    ...change,
  };
}

export function status(change: Partial<OperatorStatus> = {}): OperatorStatus {
  return {
    atMs: 0,
    sinceMs: 0,
    loops: [],
    launches: launches({}),
    seats: { used: 0, ready: 20, max: 20, waiting: 0 },
    builds: { running: 0, queued: 0, slots: 2, watchersMax: 0, failuresByHost: {} },
    nodes: ["node-1", "node-2", "node-3"].map((name) => {
      return { node: node(name), probe: null, health: "healthy" };
    }),
    capacity: {
      ...{ nodesMax: 5, nodesComing: 0, seatsPerNode: 10, nodeBootMs: null, pending: 0 },
      placeholders: { wanted: 0, running: 0 },
    },
    culler: { asked: 0, refused: 0 },
    findings: [],
    ...change,
  };
}

export function launches(change: Partial<OperatorStatus["launches"]>): OperatorStatus["launches"] {
  return {
    ...{ asked: 0, ready: 0, readyFirstTry: 0, failedByPlatform: 0, failedOtherwise: 0 },
    ...{ refused: 0, underWay: 0, longestSilenceMs: 0 },
    ...change,
  };
}

export function observed(change: Partial<Observed> = {}): Observed {
  return {
    ...{ status: status(), components: null, quotas: null, canaries: NO_CANARIES },
    ...{ controlRestartedAtMs: null, fallbacks: new Set(), extraFindings: [] },
    ...change,
  };
}
