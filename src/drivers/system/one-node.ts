/** One machine as a cluster of one: it is there, it is never barred, and it does not grow. */
import type { Clock } from "#ports/clock.ts";
import type { Cluster } from "#ports/cluster.ts";

/** The name of the one node; the sessions of the local driver bear it. */
const NAME = "local";

export function createOneNode({
  clock,
  seats,
}: {
  readonly clock: Clock;
  readonly seats: number;
}): Cluster {
  const createdAtMs = clock.nowMs();
  return {
    nodes: async () => [
      {
        name: NAME,
        createdAtMs,
        isReady: true,
        bars: [],
        heartbeatAtMs: clock.nowMs(),
        addresses: ["127.0.0.1"],
        seats,
        sessions: 0,
        diskFreeRatio: 1,
        memoryFreeRatio: 1,
        isReadOnly: false,
        hasScratchDisk: true,
      },
    ],
    probes: async () => [{ node: NAME, atMs: clock.nowMs(), failures: [] }],
    capacity: async () => ({
      nodesMax: 1,
      nodesComing: 0,
      seatsPerNode: seats,
      nodeBootMs: null,
      pending: 0,
      placeholders: { wanted: 0, running: 0 },
    }),
    bar: async () => undefined,
    unbar: async () => undefined,
    recycle: async () => undefined,
    setNodesMax: async () => undefined,
    setPlaceholders: async () => undefined,
    setPrefetched: async () => undefined,
    onHint: () => () => undefined,
  };
}
