/** Whether the cluster's maximum of machines is raised, within its budget. */
import { SECOND_MS } from "#base/units.ts";
import type { Policy } from "../policy.ts";

export interface NodesMaxNeed {
  readonly nodesMax: number;
  /** Machines that are there or come. */
  readonly nodes: number;
  readonly seatsPerNode: number;
  /** People without a seat, and sessions without room. */
  readonly missing: number;
  /** Seats to be kept for people to come, less those that are free. */
  readonly short: number;
}

export interface NodesMaxDecision {
  readonly shortSinceMs: number | null;
  readonly raiseTo: number | null;
  readonly because: string;
}

const SHORT_FOR_MS = 30 * SECOND_MS;

export function decideNodesMax(
  shortSinceMs: number | null,
  { missing, nodes, nodesMax, seatsPerNode, short }: NodesMaxNeed,
  { nodesMaxBudget }: Pick<Policy, "nodesMaxBudget">,
  nowMs: number,
): NodesMaxDecision {
  const isShort = nodes >= nodesMax && (missing > 0 || short > 0);
  if (!isShort || nodesMaxBudget <= nodesMax) {
    return { shortSinceMs: null, raiseTo: null, because: "" };
  }
  const sinceMs = shortSinceMs ?? nowMs;
  if (nowMs - sinceMs < SHORT_FOR_MS) return { shortSinceMs: sinceMs, raiseTo: null, because: "" };
  const wanted = Math.max(1, Math.ceil((missing + Math.max(0, short)) / Math.max(1, seatsPerNode)));
  const raiseTo = Math.min(nodesMaxBudget, nodesMax + wanted);
  const because = `${nodes} of ${nodesMax} machines are there or come, ${missing} people wait, ${Math.max(0, short)} seats are missing for those to come: up to ${raiseTo} machines (budget ${nodesMaxBudget})`;
  return { shortSinceMs: null, raiseTo, because };
}
