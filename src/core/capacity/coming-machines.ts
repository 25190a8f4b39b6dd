/** When the machines that are being made will take sessions, and those that can be asked for. */
import { MINUTE_MS } from "#base/units.ts";
import type { SeatSupply } from "../admission/estimate-wait.ts";
import type { CapacityObservation, NodeObservation } from "../nodes/node.ts";
import type { Policy } from "../policy.ts";

/** Whoever is older and unproven still may never be proven. */
const PROVING_MAX_MS = 2 * MINUTE_MS;

type Boot = Pick<
  Policy,
  "nodeBootGuessMs" | "nodeGateProbes" | "nodeProbeIntervalMs" | "capacityIntervalMs"
>;

/** Nobody is told of the wait for more. */
const POSSIBLE_MAX = 100;

/** Since when each machine has been coming, oldest first, from what was known and what is seen. */
export function followComing(
  sinceMs: readonly number[],
  nodesComing: number,
  nowMs: number,
): readonly number[] {
  if (nodesComing <= sinceMs.length) return sinceMs.slice(sinceMs.length - nodesComing);
  const fresh = Array.from({ length: nodesComing - sinceMs.length }, () => nowMs);
  return [...sinceMs, ...fresh];
}

/** From the wish for a machine to its first session: seen, or guessed. */
export function bootMsOf(
  { nodeBootMs }: Pick<CapacityObservation, "nodeBootMs">,
  policy: Boot,
): number {
  return (nodeBootMs ?? policy.nodeBootGuessMs) + gateMsOf(policy);
}

/** What is left to be copied when a machine is proven; a copy that is made ahead begins when it joins. */
export function copyAfterGateMs(
  pullMs: number,
  policy: Boot & Pick<Policy, "prefetchMax">,
): number {
  return policy.prefetchMax > 0 ? Math.max(0, pullMs - gateMsOf(policy)) : pullMs;
}

/** Seats of machines by when they come, soonest first; of one whose probes fail nothing can be said. */
export function comingSeats(
  nodes: readonly NodeObservation[],
  isFailing: (node: string) => boolean,
  capacity: CapacityObservation,
  sinceMs: readonly number[],
  policy: Boot,
  nowMs: number,
): SeatSupply["coming"] {
  const bootMs = bootMsOf(capacity, policy);
  const proving = nodes.filter((node) => isBeingProven(node, nowMs) && !isFailing(node.name));
  const { nodesComing, nodesMax } = capacity;
  const toMake = Math.min(POSSIBLE_MAX, Math.max(0, nodesMax - nodes.length - nodesComing));
  const seats = capacity.seatsPerNode;
  // It takes a round of ours and one of the cluster's until the wish is seen.
  const possible = { atMs: nowMs + 2 * policy.capacityIntervalMs + bootMs, seats };
  const toCome = Array<typeof possible>(toMake).fill(possible);
  if (proving.length === 0 && sinceMs.length === 0) return toCome;
  return [
    ...proving.map((node) => ({ atMs: node.createdAtMs + gateMsOf(policy), seats: node.seats })),
    ...sinceMs.map((since) => ({ atMs: since + bootMs, seats })),
    ...toCome,
  ].sort((a, b) => a.atMs - b.atMs);
}

/** What is left for others when the sessions that have no room yet took theirs. */
export function withoutPending(
  coming: SeatSupply["coming"],
  pending: number,
): SeatSupply["coming"] {
  if (pending === 0) return coming;
  let taken = pending;
  return coming.map(({ atMs, seats }) => {
    const left = Math.max(0, seats - taken);
    taken -= seats - left;
    return { atMs, seats: left };
  });
}

function gateMsOf({ nodeGateProbes, nodeProbeIntervalMs }: Boot): number {
  return nodeGateProbes * nodeProbeIntervalMs;
}

function isBeingProven({ bars, createdAtMs, isReady }: NodeObservation, nowMs: number): boolean {
  const isOnlyUnproven = bars.length === 1 && bars[0] === "unproven";
  return isReady && isOnlyUnproven && nowMs - createdAtMs < PROVING_MAX_MS;
}
