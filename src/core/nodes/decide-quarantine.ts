/** Which node is put aside, when something is wrong with one: never too many, never the last. */
import { formatDuration, SECOND_MS } from "#base/units.ts";
import { admits, type NodeObservation } from "./node.ts";
import type { NodeAction, NodeFault, NodeHealthState, NodePolicy } from "./node-health.ts";
import { percent } from "./judge-machine.ts";

/** After this time the cluster shows what was done to a node; what it does not show was not done. */
export const VISIBLE_WITHIN_MS = 30 * SECOND_MS;

type Quarantines = NodeHealthState["quarantines"];

export interface QuarantineDecision {
  readonly action: Extract<NodeAction, { kind: "quarantine" }> | null;
  /** Why the others have to wait, by node. */
  readonly held: ReadonlyMap<string, string>;
}

export interface Candidate {
  readonly node: NodeObservation;
  readonly fault: NodeFault;
}

/** `quarantines` are those within the interval; see `keepQuarantines`. */
export function decideQuarantine(
  candidates: readonly Candidate[],
  nodes: readonly NodeObservation[],
  quarantines: Quarantines,
  policy: NodePolicy,
  nowMs: number,
): QuarantineDecision {
  const held = new Map<string, string>();
  if (candidates.length === 0) return { action: null, held };
  const byAge = candidates.toSorted((a, b) => a.fault.sinceMs - b.fault.sinceMs);
  let action: QuarantineDecision["action"] = null;
  for (const { node, fault } of byAge) {
    const because =
      action === null
        ? limitOf(node, nodes, quarantines, policy, nowMs)
        : `node ${action.node} is put aside first`;
    if (because !== null) held.set(node.name, because);
    else {
      action = {
        kind: "quarantine",
        node: node.name,
        cause: fault.cause,
        because: fault.because,
      };
    }
  }
  return { action, held };
}

/** Null when the node may be put aside. */
function limitOf(
  node: NodeObservation,
  nodes: readonly NodeObservation[],
  quarantines: Quarantines,
  policy: NodePolicy,
  nowMs: number,
): string | null {
  const last = quarantines.at(-1);
  if (last !== undefined) {
    const ago = formatDuration(nowMs - last.atMs);
    const interval = formatDuration(policy.quarantineIntervalMs);
    return `node ${last.node} was put aside ${ago} ago, and the limit is 1 node in ${interval}`;
  }
  const others = nodes.filter((other) => other !== node && admits(other)).length;
  if (others < policy.nodesHealthyMin) {
    return `${others} other nodes take sessions, and at least ${policy.nodesHealthyMin} must`;
  }
  const aside = nodes.filter(({ bars }) => bars.includes("quarantined")).length;
  const most = Math.max(1, Math.floor(policy.quarantineShareMax * nodes.length));
  if (aside + 1 > most) {
    const share = percent(policy.quarantineShareMax);
    return `${aside} of ${nodes.length} nodes are put aside, and the limit is ${share}`;
  }
  return null;
}

/** Those within the interval; one that the cluster does not show in time was not carried out. */
export function keepQuarantines(
  quarantines: Quarantines,
  policy: NodePolicy,
  nowMs: number,
): Quarantines {
  if (quarantines.length === 0) return quarantines;
  return quarantines.filter(({ atMs, isSeen }) => {
    const ageMs = nowMs - atMs;
    return ageMs < (isSeen ? policy.quarantineIntervalMs : VISIBLE_WITHIN_MS);
  });
}
