/** Which machine is drained because the others can hold everybody, and when that is taken back. */
import { formatDuration, MINUTE_MS } from "#base/units.ts";
import { admits, type NodeObservation } from "../nodes/node.ts";
import type { Policy } from "../policy.ts";

export interface ScaleDownState {
  /** Since when a machine could be spared. */
  readonly spareSinceMs: number | null;
  /** Since when the drained machine holds nobody. */
  readonly emptySinceMs: number | null;
  /** Machines that were empty, and that nobody took away. */
  readonly kept: readonly string[];
}

export const NOTHING_SPARE: ScaleDownState = { spareSinceMs: null, emptySinceMs: null, kept: [] };

export interface ScaleDownNeed {
  readonly nodes: readonly NodeObservation[];
  /** Machines that this decision drained, and nobody else. */
  readonly drained: readonly string[];
  /** Seats to be kept beside those in use: placeholders, bookings, canaries. */
  readonly reserve: number;
  readonly waiting: number;
  readonly pending: number;
  readonly nodesComing: number;
}

export type ScaleDown =
  | { readonly kind: "none" }
  | { readonly kind: "drain" | "undo"; readonly node: string; readonly because: string };

type ScaleDownPolicy = Pick<Policy, "nodesMin" | "scaleDownAfterMs">;
/** The others may be so full at most, or a few people more would take the machine back. */
const FULL_SHARE_MAX = 0.8;
/** The cluster takes an empty machine away in this time, or something else keeps it there. */
const TAKEN_AWAY_MS = 30 * MINUTE_MS;
const NONE: ScaleDown = { kind: "none" };

/** The emptiest one, one at a time, never one of the last; back as soon as it is needed. */
export function decideScaleDown(
  state: ScaleDownState,
  need: ScaleDownNeed,
  policy: ScaleDownPolicy,
  nowMs: number,
): { readonly next: ScaleDownState; readonly action: ScaleDown } {
  const admitting = need.nodes.filter(admits);
  const missing = need.waiting + need.pending;
  const used = sum(admitting, ({ sessions }) => sessions);
  const seats = sum(admitting, (node) => node.seats);
  const wanted = used + need.reserve + missing;
  const drained = need.nodes.find(({ name }) => need.drained.includes(name));
  if (drained !== undefined && (missing > 0 || seats < wanted)) {
    const because = `${used} of ${seats} seats in use, ${missing} wait, ${need.reserve} to be kept: ${drained.name} takes sessions again`;
    return {
      next: { ...state, spareSinceMs: null, emptySinceMs: null },
      action: { kind: "undo", node: drained.name, because },
    };
  }
  if (drained !== undefined) return awaitEnd(state, drained, nowMs);
  const kept = state.kept.filter((name) => need.nodes.some((node) => node.name === name));
  const none = { spareSinceMs: null, emptySinceMs: null, kept };
  const emptiest = emptiestOf(admitting.filter(({ name }) => !kept.includes(name)));
  const isQuiet = missing === 0 && need.nodesComing === 0;
  const isSpare =
    emptiest !== undefined &&
    isQuiet &&
    !need.nodes.some(isOnItsWay) &&
    admitting.length > Math.max(1, policy.nodesMin) &&
    (seats - emptiest.seats) * FULL_SHARE_MAX >= wanted;
  if (!isSpare) return { next: none, action: NONE };
  const sinceMs = state.spareSinceMs ?? nowMs;
  if (nowMs - sinceMs < policy.scaleDownAfterMs) {
    return { next: { ...none, spareSinceMs: sinceMs }, action: NONE };
  }
  const because = `for ${formatDuration(nowMs - sinceMs)} the other ${admitting.length - 1} machines could hold all ${used} sessions and ${need.reserve} to come; ${emptiest.name} has ${emptiest.sessions}`;
  return { next: none, action: { kind: "drain", node: emptiest.name, because } };
}

/** Until the drained machine is gone; one that stays when it is empty is given back for another. */
function awaitEnd(
  { emptySinceMs, kept }: ScaleDownState,
  { name, sessions }: NodeObservation,
  nowMs: number,
): { readonly next: ScaleDownState; readonly action: ScaleDown } {
  const sinceMs = sessions > 0 ? null : (emptySinceMs ?? nowMs);
  if (sinceMs === null || nowMs - sinceMs < TAKEN_AWAY_MS) {
    return { next: { spareSinceMs: null, emptySinceMs: sinceMs, kept }, action: NONE };
  }
  const because = `${name} has been empty for ${formatDuration(nowMs - sinceMs)} and was not taken away: it takes sessions again, and another one is tried`;
  return {
    next: { spareSinceMs: null, emptySinceMs: null, kept: [...kept, name] },
    action: { kind: "undo", node: name, because },
  };
}

/** A machine that joins, or that leaves already. */
function isOnItsWay({ bars }: NodeObservation): boolean {
  return bars.includes("unproven") || bars.includes("draining");
}

function emptiestOf(nodes: readonly NodeObservation[]): NodeObservation | undefined {
  let emptiest = nodes[0];
  for (const node of nodes) {
    if (emptiest !== undefined && byEmptiness(node, emptiest) < 0) emptiest = node;
  }
  return emptiest;
}

/** The oldest of those that are equally empty: machines wear out. */
function byEmptiness(a: NodeObservation, b: NodeObservation): number {
  return a.sessions - b.sessions || a.createdAtMs - b.createdAtMs || (a.name < b.name ? -1 : 1);
}

function sum<T>(values: readonly T[], of: (value: T) => number): number {
  return values.reduce((total, value) => total + of(value), 0);
}
