/** The doors and ports of the pretend world with somebody who sees whatever passes them. */
import type { Cluster } from "#ports/cluster.ts";
import type { Quotas } from "#ports/platform.ts";
import type { NodeBar } from "#core/nodes/node.ts";
import type { CommandKind } from "#core/operations/command.ts";
import type { PeoplesDoor } from "../people/person.ts";
import type { PretendCluster } from "./cluster.ts";
import type { Invariants } from "./invariants.ts";

export function watchedDoor(door: PeoplesDoor, invariants: Invariants): PeoplesDoor {
  return {
    ...door,
    submit: (wish) => {
      const outcome = door.submit(wish);
      if (outcome !== null) invariants.submitted(wish.id, outcome);
      return outcome;
    },
    watch: (id, after, watcher) =>
      door.watch(id, after, (event) => {
        invariants.heard(id, event);
        watcher(event);
      }),
    cancel: (id) => {
      invariants.cancelled(id);
      door.cancel(id);
    },
  };
}

/** To let in a node that has proven itself is no remedy: it has no record. */
const SETS: Readonly<Partial<Record<NodeBar, readonly CommandKind[]>>> = {
  quarantined: ["quarantine-node"],
  draining: ["drain-node", "recycle-node"],
  cordoned: ["cordon-node"],
};
const LIFTS: Readonly<Partial<Record<NodeBar, readonly CommandKind[]>>> = {
  quarantined: ["release-node"],
  draining: ["uncordon-node"],
  cordoned: ["uncordon-node"],
};

export function watchedCluster(
  port: Cluster,
  { nodes }: PretendCluster,
  invariants: Invariants,
): Cluster {
  const bars = (node: string, bar: NodeBar) => nodes.get(node)?.bars.has(bar) === true;
  const quarantine = (node: string) => {
    let others = 0;
    for (const { name } of nodes.values()) {
      if (name !== node && bars(name, "quarantined")) others += 1;
    }
    return { quarantine: { others, nodes: nodes.size } };
  };
  return {
    ...port,
    bar: async (node, bar, because) => {
      const wasBarred = bars(node, bar);
      await port.bar(node, bar, because);
      const kinds = SETS[bar];
      if (kinds === undefined || wasBarred || !bars(node, bar)) return;
      const more = bar === "quarantined" ? quarantine(node) : {};
      invariants.done({ kinds, subject: node, ...more });
    },
    unbar: async (node, bar) => {
      const wasBarred = bars(node, bar);
      await port.unbar(node, bar);
      const kinds = LIFTS[bar];
      if (kinds !== undefined && wasBarred) invariants.done({ kinds, subject: node });
    },
    recycle: async (node) => {
      const wasThere = nodes.has(node);
      await port.recycle(node);
      if (wasThere) invariants.done({ kinds: ["recycle-node"], subject: node });
    },
    setNodesMax: async (nodesMax) => {
      await port.setNodesMax(nodesMax);
      invariants.done({ kinds: ["set-nodes-max"], subject: "" });
    },
  };
}

export function watchedQuotas(port: Quotas, invariants: Invariants): Quotas {
  return {
    ...port,
    repair: async (name) => {
      await port.repair(name);
      invariants.done({ kinds: ["repair-quota"], subject: "" });
    },
  };
}
