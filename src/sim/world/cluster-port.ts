/** The pretend cluster as the control plane's port. */
import type { Cluster } from "#ports/cluster.ts";
import type { NodeProbe } from "#core/nodes/node.ts";
import type { ApiServer } from "./api-server.ts";
import type { PretendCluster } from "./cluster.ts";
import type { WorldContext } from "./context.ts";

export interface ClusterPortParts {
  readonly context: WorldContext;
  readonly cluster: PretendCluster;
  readonly api: ApiServer;
}

export function clusterPort({ api, cluster, context }: ClusterPortParts): Cluster {
  const { autoscaler, nodes, traits } = cluster;
  const nowMs = () => context.clock.nowMs();
  return {
    nodes: () => api.call(() => [...nodes.values()].map((node) => node.observe(nowMs()))),
    // The nodes' own agents answer, not the cluster's API.
    probes: async () => {
      const isLogPathBroken = !cluster.areLogsReached;
      const probes: NodeProbe[] = [];
      for (const node of nodes.values()) {
        const probe = node.probe(nowMs(), isLogPathBroken);
        if (probe !== null) probes.push(probe);
      }
      return probes;
    },
    capacity: () =>
      api.call(() => ({
        nodesMax: autoscaler.nodesMax,
        nodesComing: autoscaler.coming,
        seatsPerNode: traits.seatsPerNode,
        nodeBootMs: autoscaler.lastBootMs ?? traits.nodeBootMs,
        pending: cluster.pendingPeople,
        placeholders: cluster.placeholders,
      })),
    bar: (node, bar) => api.call(() => cluster.bar(node, bar)),
    unbar: (node, bar) => api.call(() => cluster.unbar(node, bar)),
    recycle: (name) =>
      api.call(() => {
        const node = nodes.get(name);
        if (node !== undefined) cluster.remove(node);
      }),
    setNodesMax: (nodesMax) => api.call(() => void (autoscaler.nodesMax = nodesMax)),
    setPlaceholders: (count) => api.call(() => cluster.setPlaceholders(count)),
    setPrefetched: (environments) => api.call(() => cluster.setPrefetched(environments)),
    onHint: (listener) => cluster.onChange(listener),
  };
}
