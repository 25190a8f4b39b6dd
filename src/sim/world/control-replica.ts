/** One process that decides, or would: where it runs, what it leaks, and how it looks from outside. */
import { SECOND_MS } from "#base/units.ts";
import type { Leader } from "#control/leader.ts";
import { AppError } from "#core/errors.ts";
import type { ComponentObservation } from "#ports/components.ts";
import type { LeaseStore } from "#ports/lease.ts";
import type { Incarnation } from "./incarnation.ts";
import type { Pod } from "./node.ts";
import type { VirtualClock } from "./virtual-clock.ts";

/** What a launch leaves behind in a process that leaks. */
export interface Leak {
  readonly handles: number;
  readonly memoryBytes: number;
  /** Handles (or launches, when only memory leaks) at which the process stalls. */
  readonly stallsAt: number;
}

export interface Replica {
  readonly name: string;
  pod: Pod;
  leader: Leader | null;
  incarnation: Incarnation | null;
  isStarting: boolean;
  /** Starts that were tried: an earlier one that is still to come is void. */
  starts: number;
  startedAtMs: number;
  restarts: number;
  handles: number;
  memoryBytes: number;
  launches: number;
}

const BASE_HANDLES = 120;
const BASE_MEMORY = 180 * 1024 * 1024;
const BASE_LAG_MS = 8;
/** How long a process that is cut off waits before it knows. */
const CUT_OFF_MS = 3 * SECOND_MS;

export function newReplica(name: string, pod: Pod): Replica {
  return {
    ...{ name, pod, leader: null, incarnation: null, isStarting: false, starts: 0 },
    ...{ startedAtMs: 0, restarts: 0, ...fresh() },
  };
}

/** What a process has that has just begun. */
export function fresh(): Pick<Replica, "handles" | "memoryBytes" | "launches"> {
  return { handles: BASE_HANDLES, memoryBytes: BASE_MEMORY, launches: 0 };
}

/** Nothing reaches it, and it reaches nothing. */
export function isCutOff({ pod }: Replica): boolean {
  return pod.node?.isCutOff === true;
}

/** A process can be started where it stands. */
export function canStart({ pod }: Replica): boolean {
  return pod.node !== null && !pod.node.isCutOff && !pod.node.isReadOnly;
}

/** A pod that is deleted would be made elsewhere. */
export function hasToMove(replica: Replica): boolean {
  return replica.pod.node?.isAdmitting !== true || !canStart(replica);
}

/** 1: it stalls. */
export function leaked({ handles, launches }: Replica, leak: Leak): number {
  return leak.handles > 0 ? (handles - BASE_HANDLES) / leak.stallsAt : launches / leak.stallsAt;
}

export function lagOf(replica: Replica, leak: Leak | null): number {
  if (replica.incarnation === null) return BASE_LAG_MS;
  const share = leak === null ? 0 : leaked(replica, leak);
  // It gets slow long before it stalls.
  return Math.round(
    BASE_LAG_MS + 400 * share ** 3 + replica.incarnation.slowMs / 10 + replica.incarnation.lagMs,
  );
}

export function observeReplica(
  replica: Replica,
  release: string,
  leak: Leak | null,
): ComponentObservation {
  const { handles, incarnation, isStarting, memoryBytes, name, pod, restarts } = replica;
  return {
    ...{ name, role: "control", node: pod.node?.name ?? null },
    isReady: !isStarting && pod.node !== null && !isCutOff(replica),
    ...{ startedAtMs: replica.startedAtMs, restarts, release, memoryBytes, handles },
    loopLagMs: lagOf(replica, leak),
    answers: null,
    isLeading: incarnation !== null,
  };
}

/** The lease as the process of this pod reaches it. */
export function leaseAsReached(lease: LeaseStore, pod: Pod, clock: VirtualClock): LeaseStore {
  let { node } = pod;
  const isReached = () => {
    // A pod that was taken from its machine leaves the process behind there.
    node = pod.node ?? node;
    return node?.isCutOff !== true;
  };
  const cutOff = async () => {
    await clock.sleep(CUT_OFF_MS);
    throw new AppError("internal", "the lease cannot be reached");
  };
  return {
    get: () => (isReached() ? lease.get() : cutOff()),
    update: (record, version) => (isReached() ? lease.update(record, version) : cutOff()),
  };
}
