/** Who sits and who waits: one place decides, synchronously, so that a limit is never passed. */
import { MINUTE_MS } from "#base/units.ts";
import { decideNext, isFull, obstacleTo } from "#core/admission/decide-admission.ts";
import {
  estimateWait,
  releaseRate,
  retryAfterSeconds,
  type SeatSupply,
} from "#core/admission/estimate-wait.ts";
import { placeOfNewest, servingOrder } from "#core/admission/serving-order.ts";
import type { Obstacle, SeatLimits, SeatWish } from "#core/admission/seat-wish.ts";
import type { LaunchId } from "#core/launch/launch.ts";
import type { LaunchObserved } from "#core/launch/launch-stage.ts";
import type { Policy } from "#core/policy.ts";
import type { ObservedSession } from "#core/session/session.ts";
import type { Clock } from "#ports/clock.ts";
import type { Log } from "#ports/log.ts";
import { SeatLedger } from "./seat-ledger.ts";
import { SeatQueue } from "./seat-queue.ts";
import type { ClusterSupply } from "./cluster-supply.ts";
import { WaitHonesty } from "./wait-honesty.ts";

const RELEASES_KEPT = 50;
/** More than these are told their places at most once in `CROWD_REFRESH_MS`. */
const SMALL_QUEUE = 64;
const CROWD_REFRESH_MS = 1_000;
/** In a crowd a place is news when it differs by this share. */
const CROWD_NEWS = 0.05;
/** It looks at every session. */
const RECOUNT_INTERVAL_MS = 10 * MINUTE_MS;

export interface SeatsDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly policy: Policy;
  readonly sessions: () => readonly ObservedSession[];
  readonly repoKeyOf: (session: ObservedSession) => string;
  /** The launch was admitted, or its place has changed. */
  readonly wake: (launchId: LaunchId) => void;
  /** The first person waits: more seats may be wanted soon. */
  readonly short: () => void;
}

const BECAUSE: Readonly<Record<Obstacle, string>> = {
  full: "all seats are taken",
  repo: "this repository has all the seats that it may have",
  client: "this address has all the seats that it may have",
};

export class Seats {
  readonly #deps: SeatsDeps;
  readonly #ledger: SeatLedger;
  readonly #queue = new SeatQueue();
  /** They never stand behind people. */
  readonly #canaries = new Map<LaunchId, SeatWish>();
  readonly #honesty = new WaitHonesty();
  #positions: ReadonlyMap<LaunchId, number> = new Map();
  #cancelRefresh: (() => void) | null = null;
  #releasesAtMs: number[] = [];
  #recountedAtMs = 0;
  #asked = 0;
  #supply: ClusterSupply;

  constructor(deps: SeatsDeps) {
    this.#deps = deps;
    this.#ledger = new SeatLedger(deps.repoKeyOf);
    const peopleMax = deps.policy.sessionsMax;
    const peopleNow = Number.POSITIVE_INFINITY;
    this.#supply = { peopleMax, peopleNow, barred: [], coming: [] };
  }

  get waiting(): number {
    return this.#queue.size + this.#canaries.size;
  }

  /** People's sessions and reservations together, and canaries on seats of people. */
  get taken(): number {
    const { canaries, people } = this.#ledger;
    return people + Math.max(0, canaries - this.#deps.policy.canarySeats);
  }

  /** What people can have at most, machines that can still be made included. */
  get max(): number {
    const { barred, peopleMax } = this.#supply;
    return Math.min(this.#deps.policy.sessionsMax, peopleMax + this.#onNodes(barred));
  }

  /** People who wait because no seat is there, whatever their repository. */
  get isFull(): boolean {
    return isFull(this.#ledger, this.#limits());
  }

  /** People who ever asked for a seat. */
  get asked(): number {
    return this.#asked;
  }

  /** How often a seat becomes free, lately. */
  get releasesPerMs(): number {
    const { clock, policy } = this.#deps;
    const stayMs = policy.sessionStayGuessMs;
    const guess = stayMs > 0 ? this.#ledger.people / stayMs : 0;
    return releaseRate(this.#releasesAtMs, clock.nowMs(), guess);
  }

  /** How wrong the estimates were, as a median share; null before somebody was seated by one. */
  get waitErrorMedian(): number | null {
    return this.#honesty.median;
  }

  heldBy(repoKey: string): number {
    return this.#ledger.ofRepo(repoKey);
  }

  ask(wish: SeatWish): void {
    const { launchId } = wish;
    if (this.#ledger.isReserved(launchId) || this.#canaries.has(launchId)) return;
    if (this.#queue.get(launchId) !== null) return;
    if (!wish.isCanary) this.#asked += 1;
    // Whoever waits cannot have a seat that is free: nobody is overtaken.
    if (obstacleTo(wish, this.#ledger, this.#limits()) === null) {
      this.#ledger.reserve(wish);
    } else if (wish.isCanary) {
      this.#canaries.set(launchId, wish);
    } else {
      this.#queue.add(wish);
      this.#refreshSoon();
      if (this.#queue.size === 1) this.#deps.short();
    }
  }

  /** A launch that has a seat could have one more. */
  hasSpare(launchId: LaunchId): boolean {
    const holder = this.#ledger.holderOf(launchId);
    return holder === null
      ? !this.isFull
      : obstacleTo(holder, this.#ledger, this.#limits()) === null;
  }

  /** So many seats are kept for it from now on; only of what is spare it keeps a second one. */
  keep(launchId: LaunchId, count: number): void {
    if (this.#ledger.keep(launchId, count)) this.decide();
  }

  /** The launch has ended: what it holds beside its session is free again. */
  release(launchId: LaunchId): void {
    this.#honesty.forget(launchId);
    if (this.#ledger.unreserve(launchId)) this.decide();
    else if (this.#queue.delete(launchId)) this.#refreshSoon();
    else this.#canaries.delete(launchId);
  }

  /** Follows a change of a session; one that ended gives its seat back. */
  noteSession(before: ObservedSession | null, now: ObservedSession | null): void {
    const launchId = now?.record.purpose?.launchId;
    const isArriving = now?.state.kind === "running" && before?.state.kind !== "running";
    if (isArriving && launchId !== undefined) {
      this.#honesty.arrived(launchId, this.#deps.clock.nowMs());
    }
    if (!this.#ledger.note(before, now)) return;
    // What canaries give back is taken by the next one.
    if (before?.record.purpose?.isCanary === false) {
      this.#releasesAtMs.push(this.#deps.clock.nowMs());
      if (this.#releasesAtMs.length > RELEASES_KEPT) this.#releasesAtMs.shift();
    }
    this.decide();
  }

  setSupply(supply: ClusterSupply): void {
    this.#supply = supply;
    this.decide();
  }

  /** Now and then: repairs what a lost change left in the counts. */
  recount(): void {
    const { clock, log, sessions } = this.#deps;
    if (clock.monotonicMs() - this.#recountedAtMs < RECOUNT_INTERVAL_MS) return;
    this.#recountedAtMs = clock.monotonicMs();
    if (!this.#ledger.recount(sessions())) return;
    log.warn("the count of seats was wrong and is repaired", { taken: this.taken });
    this.decide();
  }

  of(launchId: LaunchId): LaunchObserved["seat"] {
    if (this.#ledger.isReserved(launchId)) return { kind: "taken" };
    const canary = [...this.#canaries.keys()].indexOf(launchId);
    if (canary !== -1) {
      return { kind: "waiting", position: canary + 1, waitMs: null, because: BECAUSE.full };
    }
    const wish = this.#queue.get(launchId);
    if (wish === null) return { kind: "none" };
    const position = this.#positions.get(launchId) ?? this.#placeOfNewest(wish);
    const { waitMs, because } = this.#estimate(wish, position);
    this.#honesty.told(launchId, { position, waitMs }, this.#deps.clock.nowMs());
    return { kind: "waiting", position, waitMs, because };
  }

  /** For whoever finds the queue full. */
  retryAfterSeconds(): number {
    return retryAfterSeconds(this.waiting, this.#seatSupply(), this.#deps.clock.nowMs());
  }

  decide(): void {
    for (const wish of this.#canaries.values()) {
      if (obstacleTo(wish, this.#ledger, this.#limits()) !== null) break;
      this.#canaries.delete(wish.launchId);
      this.#ledger.reserve(wish);
      this.#deps.wake(wish.launchId);
    }
    if (this.#queue.size === 0) return;
    const { policy } = this.#deps;
    const limits = this.#limits();
    let isAnySeated = false;
    while (this.#queue.size > 0) {
      const { lines } = this.#queue;
      const wish = decideNext(lines.values(), this.#ledger, limits, policy.isQueueFair);
      if (wish === null) break;
      this.#queue.serve(wish);
      this.#ledger.reserve(wish);
      this.#deps.wake(wish.launchId);
      isAnySeated = true;
    }
    if (isAnySeated) this.#refreshSoon();
  }

  stop(): void {
    this.#cancelRefresh?.();
    this.#cancelRefresh = null;
  }

  #limits(): SeatLimits {
    const { canarySeats, sessionsMax, sessionsPerClientMax, sessionsPerRepoMax } =
      this.#deps.policy;
    const { barred, peopleMax, peopleNow } = this.#supply;
    const held = Math.min(peopleMax, peopleNow) + this.#onNodes(barred);
    return {
      peopleMax: Math.min(sessionsMax, held),
      canarySeats,
      perRepoMax: sessionsPerRepoMax,
      perClientMax: sessionsPerClientMax,
    };
  }

  #onNodes(nodes: readonly string[]): number {
    let count = 0;
    for (const node of nodes) count += this.#ledger.onNode(node);
    return count;
  }

  #placeOfNewest(wish: SeatWish): number {
    return placeOfNewest(wish, this.#queue.lines, this.#ledger, this.#deps.policy.isQueueFair);
  }

  #estimate(wish: SeatWish, position: number) {
    const nowMs = this.#deps.clock.nowMs();
    const supply = this.#seatSupply();
    const { perClientMax, perRepoMax } = this.#limits();
    const ofRepo = this.#ledger.ofRepo(wish.repoKey);
    const ofClient = wish.client === null ? 0 : this.#ledger.ofClient(wish.client);
    const isOver = ofRepo >= perRepoMax ? "repo" : ofClient >= perClientMax ? "client" : null;
    if (isOver === null) {
      const { isOfMachine, waitMs } = estimateWait(position, supply, nowMs);
      return { waitMs, because: isOfMachine ? "a new machine is being started" : BECAUSE.full };
    }
    // Only seats that they hold themselves help them.
    const share = (isOver === "repo" ? ofRepo : ofClient) / Math.max(1, this.#ledger.people);
    const own = { releasesPerMs: supply.releasesPerMs * share, coming: [] };
    const size = this.#queue.lines.get(wish.repoKey)?.size ?? position;
    const { waitMs } = estimateWait(Math.min(position, size), own, nowMs);
    return { waitMs, because: BECAUSE[isOver] };
  }

  #seatSupply(): SeatSupply {
    return { releasesPerMs: this.releasesPerMs, coming: this.#supply.coming };
  }

  /** The places of a few are told at once, those of a crowd once a second. */
  #refreshSoon(): void {
    if (this.#queue.size <= SMALL_QUEUE) {
      this.#refresh();
      return;
    }
    this.#cancelRefresh ??= this.#deps.clock.setTimer(CROWD_REFRESH_MS, () => this.#refresh());
  }

  #refresh(): void {
    this.#cancelRefresh?.();
    this.#cancelRefresh = null;
    const { policy, wake } = this.#deps;
    const order = servingOrder(this.#queue.lines.values(), this.#ledger, policy.isQueueFair);
    const isCrowd = order.length > SMALL_QUEUE;
    this.#positions = new Map(order.map(({ launchId }, index) => [launchId, index + 1]));
    for (const [launchId, position] of this.#positions) {
      const told = this.#honesty.positionOf(launchId);
      if (told === null || told === position) continue;
      const news = isCrowd ? Math.max(1, told * CROWD_NEWS) : 1;
      if (Math.abs(position - told) >= news) wake(launchId);
    }
  }
}
