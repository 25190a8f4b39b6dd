/** Seats against machines: what there is, what comes, what is kept ready, and what will run out. */
import { MINUTE_MS, SECOND_MS } from "#base/units.ts";
import { estimateWait, type SeatSupply } from "#core/admission/estimate-wait.ts";
import {
  bootMsOf,
  comingSeats,
  copyAfterGateMs,
  followComing,
  withoutPending,
} from "#core/capacity/coming-machines.ts";
import { type ClusterSeats, countSeats } from "#core/capacity/count-seats.ts";
import { decideNodesMax } from "#core/capacity/decide-nodes-max.ts";
import { decidePlaceholders, type PlaceholderState } from "#core/capacity/decide-placeholders.ts";
import {
  decideScaleDown,
  NOTHING_SPARE,
  type ScaleDownState,
} from "#core/capacity/decide-scale-down.ts";
import { type Booking, dueBookings, isDue } from "#core/capacity/due-bookings.ts";
import {
  type CapacitySample,
  findExhausted,
  foretellLimits,
} from "#core/capacity/find-capacity.ts";
import type { Finding } from "#core/incident/finding.ts";
import type { CapacityObservation, NodeObservation } from "#core/nodes/node.ts";
import type { OperatorCommand } from "#core/operations/command.ts";
import type { Policy } from "#core/policy.ts";
import type { Clock } from "#ports/clock.ts";
import type { Cluster } from "#ports/cluster.ts";
import type { Log } from "#ports/log.ts";
import { ArrivalRate } from "./arrival-rate.ts";
import type { Prefetch } from "./prefetch.ts";
import type { Seats } from "./seats.ts";

const SAMPLE_INTERVAL_MS = 30 * SECOND_MS;
const SAMPLES_KEPT = 60;
const EXPLAINED_KEPT = 50;
/** Images of a booking are fetched after its machines have come. */
const BOOKING_PULL_MS = 2 * MINUTE_MS;

export interface CapacityDeps {
  readonly cluster: Cluster;
  readonly seats: Seats;
  readonly clock: Clock;
  readonly log: Log;
  readonly policy: Policy;
  readonly prefetch: Pick<Prefetch, "round">;
  /** How long the copy of an environment to a machine takes. */
  readonly pullMs: () => number;
  /** Those that are under way or to come. */
  readonly bookings: (nowMs: number) => readonly Booking[];
  /** Nothing can be said of when it takes sessions. */
  readonly isFailing: (node: string) => boolean;
  /** Does what an operator could do, with his limits and audit; false when it was refused. */
  readonly act: (command: OperatorCommand, evidence: string) => Promise<boolean>;
}

export interface CapacityView {
  readonly seats: ClusterSeats;
  readonly observation: CapacityObservation;
  /** Newest last. */
  readonly explained: readonly { readonly atMs: number; readonly text: string }[];
}

export class Capacity {
  readonly #deps: CapacityDeps;
  readonly #arrivals = new ArrivalRate();
  #view: CapacityView | null = null;
  #explained: CapacityView["explained"] = [];
  #coming: SeatSupply["coming"] = [];
  #comingSinceMs: readonly number[] = [];
  #placeholders: PlaceholderState = { reserve: 0, lower: null };
  #placeholdersSet: number | null = null;
  #barred = "";
  #placeholdersKept = 0;
  #scaleDown: ScaleDownState = NOTHING_SPARE;
  #drained: readonly string[] = [];
  #shortSinceMs: number | null = null;
  #samples: CapacitySample[] = [];
  #foretold: readonly Finding[] = [];
  #missingSinceMs: number | null = null;
  #exhaustedSinceMs: number | null = null;

  constructor(deps: CapacityDeps) {
    this.#deps = deps;
  }

  /** Null before the first round. */
  view(): CapacityView | null {
    return this.#view;
  }

  /** A person wants at least so many placeholders; 0 takes it back. */
  keepPlaceholders(count: number): void {
    this.#placeholdersKept = count;
  }

  /** Until the session that is the `position`th of those without room has some; null: unknown. */
  placementWaitMs(position: number): number | null {
    const nowMs = this.#deps.clock.nowMs();
    const supply = { releasesPerMs: this.#deps.seats.releasesPerMs, coming: this.#coming };
    return estimateWait(position, supply, nowMs).waitMs;
  }

  findings(): readonly Finding[] {
    if (this.#view === null) return [];
    const { clock, policy, seats } = this.#deps;
    const { observation, seats: counted } = this.#view;
    const missing = seats.waiting + observation.pending;
    const limit = clusterMaxOf(counted) < policy.sessionsMax ? "nodesMax" : "sessionsMax";
    const sinceMs = this.#exhaustedSinceMs;
    const exhausted = sinceMs === null ? null : { sinceMs, missing, limit };
    return [...this.#foretold, ...findExhausted(exhausted, clock.nowMs())];
  }

  async round(isCurrent: () => boolean): Promise<void> {
    const { clock, cluster, policy } = this.#deps;
    const [nodes, observation] = await Promise.all([cluster.nodes(), cluster.capacity()]);
    if (!isCurrent()) return;
    const nowMs = clock.nowMs();
    const seats = countSeats(nodes, observation, policy);
    this.#supply(nodes, observation, seats, nowMs);
    this.#sample(observation, seats, nowMs);
    const booked = this.#booked(observation, nowMs);
    await this.#holdSeats(observation, seats, booked, nowMs);
    if (!isCurrent()) return;
    await this.#raiseMax(nodes, observation, seats, booked, nowMs);
    if (!isCurrent()) return;
    await this.#scale(nodes, observation, booked, nowMs);
    if (!isCurrent()) return;
    await this.#prefetchAhead(observation, nowMs);
  }

  #supply(
    nodes: readonly NodeObservation[],
    observation: CapacityObservation,
    counted: ClusterSeats,
    nowMs: number,
  ): void {
    const { isFailing, policy, pullMs, seats } = this.#deps;
    this.#comingSinceMs = followComing(this.#comingSinceMs, observation.nodesComing, nowMs);
    // A new machine has no environment: whoever gets a seat there waits for the copy, too.
    const laterMs = copyAfterGateMs(pullMs(), policy);
    const since = this.#comingSinceMs;
    this.#coming = comingSeats(nodes, isFailing, observation, since, policy, nowMs).map(
      (machine) => ({ ...machine, atMs: machine.atMs + laterMs }),
    );
    const { barred, coming, now, possible } = counted;
    const forPeople = (count: number) => Math.max(0, count - policy.canarySeats);
    // Without placeholders it is people without room who make the cluster grow.
    const isAwaited = policy.placeholdersMax > 0;
    seats.setSupply({
      peopleMax: forPeople(now + coming + possible),
      peopleNow: isAwaited ? forPeople(now) : Number.POSITIVE_INFINITY,
      barred,
      coming: withoutPending(this.#coming, observation.pending),
    });
    this.#view = { seats: counted, observation, explained: this.#explained };
  }

  #sample({ pending }: CapacityObservation, counted: ClusterSeats, nowMs: number): void {
    const { policy, seats } = this.#deps;
    this.#arrivals.note(seats.asked, nowMs);
    const missing = pending + (seats.isFull ? seats.waiting : 0);
    this.#missingSinceMs = missing > 0 ? (this.#missingSinceMs ?? nowMs) : null;
    const isComing = counted.possible > 0 || (counted.coming > 0 && counted.coming >= missing);
    const isGrowing = isComing && seats.taken < seats.max;
    this.#exhaustedSinceMs = isGrowing ? null : this.#missingSinceMs;
    const last = this.#samples.at(-1);
    if (last !== undefined && nowMs - last.atMs < SAMPLE_INTERVAL_MS) return;
    this.#samples.push({ atMs: nowMs, people: seats.taken, waiting: seats.waiting });
    if (this.#samples.length > SAMPLES_KEPT) this.#samples.shift();
    this.#foretold = foretellLimits(this.#samples, clusterMaxOf(counted), policy, nowMs);
  }

  #booked(observation: CapacityObservation, nowMs: number): number {
    const { bookings, policy, seats } = this.#deps;
    const leadMs = bootMsOf(observation, policy) + BOOKING_PULL_MS;
    return dueBookings(bookings(nowMs), (repo) => seats.heldBy(repo), leadMs, nowMs);
  }

  async #prefetchAhead(observation: CapacityObservation, nowMs: number): Promise<void> {
    const { bookings, policy, prefetch, seats } = this.#deps;
    const leadMs = bootMsOf(observation, policy) + BOOKING_PULL_MS;
    const due = bookings(nowMs).filter((booking) => isDue(booking, leadMs, nowMs));
    await prefetch.round(due, seats.waiting > 0);
  }

  async #holdSeats(
    observation: CapacityObservation,
    counted: ClusterSeats,
    booked: number,
    nowMs: number,
  ): Promise<void> {
    const { cluster, policy, seats } = this.#deps;
    const limits = {
      placeholdersKeptMs: policy.placeholdersKeptMs,
      placeholdersMin: Math.max(policy.placeholdersMin, this.#placeholdersKept),
      placeholdersMax: Math.max(policy.placeholdersMax, this.#placeholdersKept),
    };
    if (limits.placeholdersMax === 0 && this.#placeholdersSet === null) return;
    const need = {
      seats: counted,
      waiting: seats.isFull ? seats.waiting : 0,
      pending: observation.pending,
      arrivalsPerMs: this.#arrivals.perMs(nowMs),
      bootMs: bootMsOf(observation, policy),
      booked,
    };
    const { because, count, next } = decidePlaceholders(this.#placeholders, need, limits, nowMs);
    this.#placeholders = next;
    const isSet = count === this.#placeholdersSet && count === observation.placeholders.wanted;
    // Those on a machine that takes nobody any more hold no seat: they have to be set anew.
    const barred = counted.barred.join(" ");
    if (isSet && barred === this.#barred) return;
    await cluster.setPlaceholders(count);
    this.#placeholdersSet = count;
    this.#barred = barred;
    if (!isSet) this.#explain(because, nowMs);
  }

  async #raiseMax(
    nodes: readonly NodeObservation[],
    { nodesComing, nodesMax, pending, seatsPerNode }: CapacityObservation,
    counted: ClusterSeats,
    booked: number,
    nowMs: number,
  ): Promise<void> {
    const { act, policy, seats } = this.#deps;
    const { because, raiseTo, shortSinceMs } = decideNodesMax(
      this.#shortSinceMs,
      {
        nodesMax,
        nodes: nodes.length + nodesComing,
        seatsPerNode,
        missing: pending + (seats.isFull ? seats.waiting : 0),
        short: this.#placeholders.reserve + booked - counted.free - counted.coming,
      },
      policy,
      nowMs,
    );
    this.#shortSinceMs = shortSinceMs;
    if (raiseTo === null) return;
    const isDone = await act({ kind: "set-nodes-max", nodesMax: raiseTo }, because);
    if (isDone) this.#explain(because, nowMs);
  }

  async #scale(
    nodes: readonly NodeObservation[],
    { nodesComing, pending }: CapacityObservation,
    booked: number,
    nowMs: number,
  ): Promise<void> {
    const { act, policy, seats } = this.#deps;
    this.#drained = this.#drained.filter((name) => nodes.some((node) => isDraining(node, name)));
    const need = {
      nodes,
      drained: this.#drained,
      reserve: this.#placeholders.reserve + booked + policy.canarySeats,
      waiting: seats.isFull ? seats.waiting : 0,
      pending,
      nodesComing,
    };
    const { action, next } = decideScaleDown(this.#scaleDown, need, policy, nowMs);
    this.#scaleDown = next;
    if (action.kind === "none") return;
    const { because, node } = action;
    const kind = action.kind === "drain" ? "drain-node" : "uncordon-node";
    if (!(await act({ kind, node }, because))) return;
    this.#drained = action.kind === "drain" ? [...this.#drained, node] : [];
    this.#explain(because, nowMs);
  }

  #explain(text: string, nowMs: number): void {
    this.#deps.log.info("capacity is changed", { because: text });
    this.#explained = [...this.#explained.slice(1 - EXPLAINED_KEPT), { atMs: nowMs, text }];
    if (this.#view !== null) this.#view = { ...this.#view, explained: this.#explained };
  }
}

/** People that all machines together could hold. */
function clusterMaxOf({ coming, now, possible }: ClusterSeats): number {
  return now + coming + possible;
}

function isDraining(node: NodeObservation, name: string): boolean {
  return node.name === name && node.bars.includes("draining");
}
