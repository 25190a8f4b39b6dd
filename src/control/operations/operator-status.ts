/** All that an operator sees at one look, from numbers that are kept anyway. */
import { formatDuration } from "#base/units.ts";
import type { Finding } from "#core/incident/finding.ts";
import type { CapacityObservation } from "#core/nodes/node.ts";
import type { OperatorStatus } from "#core/operations/status.ts";
import type { Policy } from "#core/policy.ts";
import type { Clock } from "#ports/clock.ts";
import type { Builds } from "../builds.ts";
import type { Capacity } from "../capacity.ts";
import type { LoopView } from "../control-plane-api.ts";
import type { Launches } from "../launches.ts";
import type { NodeHealth } from "../node-health.ts";
import type { Seats } from "../seats.ts";
import type { SessionEnder } from "../session-ender.ts";

export interface StatusParts {
  readonly clock: Clock;
  readonly policy: Policy;
  readonly launches: Pick<Launches, "counts" | "longestSilenceMs" | "pending">;
  readonly seats: Pick<Seats, "taken" | "max" | "waiting" | "waitErrorMedian">;
  readonly builds: Pick<Builds, "counts" | "failuresByHost">;
  readonly ender: Pick<SessionEnder, "counts">;
  readonly nodeHealth: Pick<NodeHealth, "views" | "admittingNodes">;
  readonly capacity: Pick<Capacity, "view">;
  readonly loops: () => readonly LoopView[];
  /** What the parts found themselves. */
  readonly finders: readonly { findings(): readonly Finding[] }[];
}

const UNKNOWN_CAPACITY: CapacityObservation = {
  nodesMax: 0,
  nodesComing: 0,
  seatsPerNode: 0,
  nodeBootMs: null,
  pending: 0,
  placeholders: { wanted: 0, running: 0 },
};

/** `sinceMs`: when this control plane began to decide. */
export function operatorStatus(parts: StatusParts, sinceMs: number): OperatorStatus {
  const { builds, clock, ender, finders, launches, nodeHealth, policy, seats } = parts;
  const atMs = clock.nowMs();
  const loops = parts.loops();
  return {
    atMs,
    sinceMs,
    loops,
    launches: {
      ...launches.counts(),
      underWay: launches.pending,
      longestSilenceMs: launches.longestSilenceMs(atMs),
    },
    seats: {
      used: seats.taken,
      ready: readySeats(parts),
      max: seats.max,
      waiting: seats.waiting,
      waitEstimateErrorMedian: seats.waitErrorMedian,
    },
    builds: {
      ...builds.counts(),
      slots: policy.buildsMax,
      failuresByHost: builds.failuresByHost(),
    },
    nodes: nodeHealth.views(),
    capacity: parts.capacity.view()?.observation ?? UNKNOWN_CAPACITY,
    culler: ender.counts(),
    findings: [
      ...stalledLoops(loops, policy, atMs),
      ...finders.flatMap((finder) => finder.findings()),
    ],
  };
}

/** Seats that somebody could have at once, without a machine that must come first. */
function readySeats({ nodeHealth, seats }: StatusParts): number {
  let free = 0;
  for (const node of nodeHealth.admittingNodes()) free += Math.max(0, node.seats - node.sessions);
  return Math.min(free, Math.max(0, seats.max - seats.taken));
}

function stalledLoops(
  loops: readonly LoopView[],
  policy: Policy,
  nowMs: number,
): readonly Finding[] {
  return loops
    .filter(({ isStalled }) => isStalled)
    .map(({ lastProgressAtMs, name, restarts }) => ({
      cause: "loop-stalled",
      subject: { kind: "loop", name },
      severity: "act",
      evidence: `The loop ${name} made no progress for ${formatDuration(nowMs - lastProgressAtMs)} (lease ${formatDuration(policy.loopLeaseMs)}) and was restarted ${restarts} times.`,
      sinceMs: lastProgressAtMs,
    }));
}
