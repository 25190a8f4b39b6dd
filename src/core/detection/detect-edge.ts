/** The edge: replicas that are up and serve nothing, and replicas that stand where they must not. */
import { SECOND_MS } from "#base/units.ts";
import type { Finding } from "../incident/finding.ts";
import type { NodeObservation } from "../nodes/node.ts";
import type { Policy } from "../policy.ts";
import type { ComponentLook, Detected } from "./observed.ts";

interface Silence {
  readonly times: number;
  readonly sinceMs: number;
}

export interface EdgeMemory {
  /** Replica → asked in vain, in a row, and since when. */
  readonly silent: ReadonlyMap<string, Silence>;
  /** Since when too few replicas stand on nodes that take sessions. */
  readonly fewSinceMs: number | null;
}

export const EDGE_AT_REST: EdgeMemory = { silent: new Map(), fewSinceMs: null };

interface EdgeObserved {
  readonly components: readonly ComponentLook[];
  /** As last known; null: never. */
  readonly nodes: readonly NodeObservation[] | null;
}

/** Looks in a row; one that is not ready may be about to be, or is not to be asked at all. */
const SILENT_MIN = { ready: 2, unready: 3 };
/** A replica that has just been started does not answer yet. */
const START_MS = 30 * SECOND_MS;

export function detectEdge(
  memory: EdgeMemory,
  { components, nodes }: EdgeObserved,
  policy: Pick<Policy, "edgeReplicasMin" | "opsIntervalMs">,
  nowMs: number,
): Detected<EdgeMemory> {
  const replicas = components.filter(({ role }) => role === "edge");
  const usable = nodes === null ? null : new Set(nodes.filter(serves).map(({ name }) => name));
  // What stands where nothing is served is no matter of the replica.
  const asked = replicas.filter(({ node }) => node === null || usable?.has(node) !== false);
  const silent = new Map<string, Silence>();
  for (const replica of asked) {
    if (replica.answers !== false || isStarting(replica, nowMs)) continue;
    const before = memory.silent.get(replica.name);
    const times = (before?.times ?? 0) + 1;
    silent.set(replica.name, { times, sinceMs: before?.sinceMs ?? nowMs });
  }
  const wedged = asked.filter(({ isReady, name }) => {
    return (silent.get(name)?.times ?? 0) >= (isReady ? SILENT_MIN.ready : SILENT_MIN.unready);
  });
  const findings: Finding[] = wedged.map(({ name, node }) => ({
    cause: "edge-replica-wedged",
    subject: { kind: "edge", name },
    severity: "act",
    evidence: `${name}${node === null ? "" : ` on ${node}`} takes requests and answered none of the last ${silent.get(name)?.times ?? 0}`,
    sinceMs: silent.get(name)?.sinceMs ?? nowMs,
  }));
  if (asked.length > 0 && wedged.length === asked.length)
    findings.push(down(asked.length, wedged, silent, nowMs));
  const few = tooFew(memory.fewSinceMs, replicas, usable, policy, nowMs);
  if (few.finding !== null) findings.push(few.finding);
  return { memory: { silent, fewSinceMs: few.sinceMs }, findings };
}

function isStarting({ isReady, startedAtMs }: ComponentLook, nowMs: number): boolean {
  return !isReady && nowMs - startedAtMs < START_MS;
}

function down(
  count: number,
  wedged: readonly ComponentLook[],
  silent: ReadonlyMap<string, Silence>,
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
  usable: ReadonlySet<string> | null,
  policy: Pick<Policy, "edgeReplicasMin" | "opsIntervalMs">,
  nowMs: number,
): { readonly sinceMs: number | null; readonly finding: Finding | null } {
  if (policy.edgeReplicasMin <= 0 || usable === null || replicas.length === 0)
    return { sinceMs: null, finding: null };
  const good = replicas.filter(({ node }) => node !== null && usable.has(node));
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

/** A node that is emptied serves until it goes, and what stands on it is moved in time. */
function serves({ bars, isReady }: NodeObservation): boolean {
  return isReady && bars.every((bar) => bar === "draining");
}
