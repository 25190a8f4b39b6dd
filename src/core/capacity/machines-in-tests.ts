/** Machines as the tables of capacity write them. */
import type { CapacityObservation, NodeObservation } from "../nodes/node.ts";

export function nodeOf(name: string, over: Partial<NodeObservation> = {}): NodeObservation {
  return {
    name,
    createdAtMs: 0,
    isReady: true,
    bars: [],
    heartbeatAtMs: 0,
    addresses: ["10.0.0.1"],
    seats: 10,
    sessions: 0,
    diskFreeRatio: 0.5,
    memoryFreeRatio: 0.5,
    isReadOnly: false,
    hasScratchDisk: true,
    ...over,
  };
}

export function capacityOf(over: Partial<CapacityObservation> = {}): CapacityObservation {
  return {
    nodesMax: 1,
    nodesComing: 0,
    seatsPerNode: 10,
    nodeBootMs: null,
    pending: 0,
    placeholders: { wanted: 0, running: 0 },
    ...over,
  };
}
