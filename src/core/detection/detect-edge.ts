/** The edge: replicas that are up and serve nothing, and replicas that stand where they must not. */
import type { Finding } from "../incident/finding.ts";
import { admits, type NodeObservation } from "../nodes/node.ts";
import type { Policy } from "../policy.ts";
import type { ComponentLook, Detected } from "./observed.ts";

export interface EdgeMemory {
  /** Replica → asked in vain, in a row, and since when. */
  readonly silent: ReadonlyMap<string, { readonly times: number; readonly sinceMs: number }>;
  /** Since when too few replicas stand on nodes that take sessions. */
  readonly fewSinceMs: number | null;
}

export const EDGE_AT_REST: EdgeMemory = { silent: new Map(), fewSinceMs: null };

interface EdgeObserved {
  readonly components: readonly ComponentLook[];
  /** As last known; null: never. */
  readonly nodes: readonly NodeObservation[] | null;
}

const SILENT_MIN = 2;

export function detectEdge(
  memory: EdgeMemory,
  { components, nodes }: EdgeObserved,
  policy: Pick<Policy, "edgeReplicasMin" | "opsIntervalMs">,
  nowMs: number,
): Detected<EdgeMemory> {
  const replicas = components.filter(({ role }) => role === "edge");
  const silent = new Map<string, { times: number; sinceMs: number }>();
  for (const { answers, name } of replicas) {
    if (answers !== false) continue;
    const before = memory.silent.get(name);
    silent.set(name, { times: (before?.times ?? 0) + 1, sinceMs: before?.sinceMs ?? nowMs });
  }
  const wedged = replicas.filter(({ name }) => (silent.get(name)?.times ?? 0) >= SILENT_MIN);
  const findings: Finding[] = wedged.map(({ name, node }) => ({
    cause: "edge-replica-wedged",
    subject: { kind: "edge", name },
    severity: "act",
    evidence: `${name}${node === null ? "" : ` on ${node}`} takes requests and answered none of the last ${silent.get(name)?.times ?? 0}`,
    sinceMs: silent.get(name)?.sinceMs ?? nowMs,
  }));
  if (replicas.length > 0 && wedged.length === replicas.length)
    findings.push(down(replicas.length, wedged, silent, nowMs));
  const few = tooFew(memory.fewSinceMs, replicas, nodes, policy, nowMs);
  if (few.finding !== null) findings.push(few.finding);
  return { memory: { silent, fewSinceMs: few.sinceMs }, findings };
}

function down(
  count: number,
  wedged: readonly ComponentLook[],
  silent: ReadonlyMap<string, { readonly sinceMs: number }>,
  nowMs: number,
): Finding {
  const since = wedged.map(({ name }) => silent.get(name)?.sinceMs ?? nowMs);
  return {
    cause: "edge-down",
    subject: { kind: "edge", name: "all" },
    severity: "page",
    evidence: `none of the ${count} replicas of the edge answers`,
    sinceMs: Math.max(...since),
  };
}

function tooFew(
  fewSinceMs: number | null,
  replicas: readonly ComponentLook[],
  nodes: readonly NodeObservation[] | null,
  policy: Pick<Policy, "edgeReplicasMin" | "opsIntervalMs">,
  nowMs: number,
): { readonly sinceMs: number | null; readonly finding: Finding | null } {
  if (policy.edgeReplicasMin <= 0 || nodes === null || replicas.length === 0)
    return { sinceMs: null, finding: null };
  const usable = new Set(nodes.filter((node) => admits(node)).map(({ name }) => name));
  const good = replicas.filter(({ isReady, node }) => isReady && node !== null && usable.has(node));
  if (good.length >= policy.edgeReplicasMin) return { sinceMs: null, finding: null };
  const sinceMs = fewSinceMs ?? nowMs;
  // A replica that is being restarted is not there for a moment; none at all cannot wait.
  if (good.length > 0 && nowMs - sinceMs < 2 * policy.opsIntervalMs)
    return { sinceMs, finding: null };
  const where = replicas.map(({ name, node }) => `${name} on ${node ?? "no node"}`).join(", ");
  return {
    sinceMs,
    finding: {
      cause: "edge-unschedulable",
      subject: { kind: "edge", name: "all" },
      severity: "act",
      evidence: `${good.length} of ${replicas.length} replicas of the edge stand on nodes that take sessions, fewer than ${policy.edgeReplicasMin} (${where})`,
      sinceMs,
    },
  };
}
