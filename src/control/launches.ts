/** The launches: submitted once however often, watched by any number, driven to their end. */
import { failure, type FailureDetail } from "#core/errors.ts";
import { decideLaunch } from "#core/launch/decide-launch.ts";
import type { LaunchId, LaunchView, LaunchWish } from "#core/launch/launch.ts";
import { isLaunchEnd } from "#core/launch/launch.ts";
import type {
  LaunchAnswer,
  LaunchDecision,
  LaunchStage,
  StartOutcome,
} from "#core/launch/launch-stage.ts";
import type { NodeOutcome } from "#core/nodes/node.ts";
import type { LaunchCounts } from "#core/operations/status.ts";
import type { Policy } from "#core/policy.ts";
import type { Ownership } from "#core/session/judge-standing.ts";
import type { ObservedSession, SessionId } from "#core/session/session.ts";
import type { Clock } from "#ports/clock.ts";
import type { Log } from "#ports/log.ts";
import type { RepoKeys } from "./repo-keys.ts";
import type { Launches as LaunchesApi, LaunchWatcher, SubmitOutcome } from "./control-plane-api.ts";
import { isSameWish, type KeptLaunch, newKeptLaunch, progressOf } from "./kept-launch.ts";
import type { LaunchRun } from "./launch-run.ts";
import { LaunchSight } from "./launch-sight.ts";
import { LaunchTally } from "./launch-tally.ts";
import { Reconciler, type Wake } from "./reconciler.ts";
import type { Seats } from "./seats.ts";
import type { SessionRegistry } from "./session-registry.ts";
import { StartTimes } from "./start-times.ts";

/** A share of all that may be under way. */
const RETURN_ROOM = 0.02;

export interface LaunchesDeps {
  readonly repoKeys: RepoKeys;
  readonly registry: SessionRegistry;
  readonly seats: Seats;
  readonly clock: Clock;
  readonly log: Log;
  readonly policy: Policy;
  /** Carries out one decided action; see `launch-actions.ts`. */
  readonly act: (run: LaunchRun, action: LaunchDecision["action"]) => Promise<LaunchAnswer | null>;
  readonly ended: (view: LaunchView) => void;
  /** How a start on a node went. */
  readonly noteOutcome: (outcome: NodeOutcome) => void;
  /** For a session that no machine has room for yet: the wait at a place among those, from 1. */
  readonly placementWaitMs: (position: number) => number | null;
}

export class Launches implements LaunchesApi {
  readonly #deps: LaunchesDeps;
  readonly #kept = new Map<LaunchId, KeptLaunch>();
  /** Those of `#kept` that have not ended. */
  readonly #underWay = new Map<LaunchId, KeptLaunch>();
  /** In the order in which they ended. */
  readonly #ended = new Map<LaunchId, KeptLaunch>();
  /** Sessions that somebody was given and that are still there. */
  readonly #delivered = new Set<SessionId>();
  readonly #tally = new LaunchTally();
  readonly #startTimes = new StartTimes();
  readonly #sight: LaunchSight;
  readonly #reconciler: Reconciler;
  readonly #sinceMs: number;

  constructor(deps: LaunchesDeps) {
    this.#deps = deps;
    this.#sinceMs = deps.clock.monotonicMs();
    this.#sight = new LaunchSight(deps, this.#startTimes);
    const { clock, log } = deps;
    this.#reconciler = new Reconciler({ name: "launches", clock, log }, (id) => this.#step(id));
  }

  /** Launches that have not ended. */
  get pending(): number {
    return this.#underWay.size;
  }

  /** Environments that launches under way stand on. */
  environmentKeys(): readonly string[] {
    const keys: string[] = [];
    for (const { view } of this.#underWay.values()) {
      if (view.environmentKey !== null) keys.push(view.environmentKey);
    }
    return keys;
  }

  /** People who wait for a seat, by environment. */
  waitedFor(): ReadonlyMap<string, number> {
    const count = new Map<string, number>();
    for (const { state, wish } of this.#underWay.values()) {
      if (state.stage.kind !== "seating" || wish.isCanary) continue;
      const { key } = state.stage.ground.environment;
      count.set(key, (count.get(key) ?? 0) + 1);
    }
    return count;
  }

  submit(wish: LaunchWish): SubmitOutcome {
    const known = this.#kept.get(wish.id);
    if (known !== undefined) {
      if (!isSameWish(known.wish, wish)) {
        return { kind: "refused", failure: failure("launch-conflict") };
      }
      return { kind: "accepted", launch: known.view, isNew: false };
    }
    const { clock, policy } = this.#deps;
    if (this.pending >= this.#pendingMax()) {
      this.#tally.refused(wish);
      return { kind: "refused", failure: failure("queue-full", undefined, this.#retry()) };
    }
    if (this.#tally.pendingOf(wish.clientAddress) >= policy.launchesPerClientMax) {
      this.#tally.refused(wish);
      return { kind: "refused", failure: failure("rate-limited", undefined, this.#retry()) };
    }
    const kept = newKeptLaunch(wish, policy.launchEventsMax, clock.nowMs());
    this.#kept.set(wish.id, kept);
    this.#underWay.set(wish.id, kept);
    this.#tally.accepted(wish);
    this.#forgetOld();
    this.#startGrace(kept);
    this.wake(wish.id);
    return { kind: "accepted", launch: kept.view, isNew: true };
  }

  get(id: LaunchId): LaunchView | null {
    return this.#kept.get(id)?.view ?? null;
  }

  list(): readonly LaunchView[] {
    return [...this.#kept.values()].map(({ view }) => view);
  }

  watch(id: LaunchId, after: number, watcher: LaunchWatcher): (() => void) | null {
    const kept = this.#kept.get(id);
    if (kept === undefined) return null;
    kept.cancelGrace?.();
    kept.cancelGrace = null;
    const unwatch = kept.log.watch(after, watcher);
    return () => {
      unwatch();
      if (kept.log.watchers === 0) this.#startGrace(kept);
    };
  }

  cancel(id: LaunchId): boolean {
    const kept = this.#kept.get(id);
    if (kept === undefined) return false;
    if (kept.view.endedAtMs !== null) return true;
    kept.isCancelled = true;
    kept.abort.abort();
    this.wake(id);
    return true;
  }

  /** Something that the launch waits for may have changed. */
  wake(id: LaunchId): void {
    if (this.#underWay.has(id)) this.#reconciler.add(id);
  }

  counts(): LaunchCounts {
    return this.#tally.counts();
  }

  /** Of launches with a seat: the longest time without a new event. */
  longestSilenceMs(nowMs: number): number {
    return this.#tally.longestSilenceMs(nowMs);
  }

  /** What the launches know of a session that has a purpose. */
  ownershipOf({ record }: ObservedSession): Ownership {
    const { id, purpose } = record;
    if (this.#delivered.has(id)) return "owned";
    const kept = purpose === null ? undefined : this.#kept.get(purpose.launchId);
    if (kept === undefined) return "unknown";
    if (kept.view.endedAtMs !== null) return "given-up";
    return kept.state.tried.givenUp.includes(id) ? "given-up" : "owned";
  }

  /** The session has ended or is not there any more. */
  noteGone(id: SessionId): void {
    this.#delivered.delete(id);
  }

  stop(): void {
    this.#reconciler.stop();
    for (const kept of this.#kept.values()) {
      kept.cancelGrace?.();
      kept.abort.abort();
    }
  }

  /** Those who were accepted before a start come back, and newcomers may have been quicker. */
  #pendingMax(): number {
    const { clock, policy } = this.#deps;
    const isBackSoon = clock.monotonicMs() - this.#sinceMs < policy.launchGraceMs;
    return Math.floor(policy.queueMax * (isBackSoon ? 1 + RETURN_ROOM : 1));
  }

  #retry(): FailureDetail {
    return { retryAfterSeconds: this.#deps.seats.retryAfterSeconds() };
  }

  /** One round of decide, save, act; again until there is nothing to do but wait. */
  async #step(id: LaunchId): Promise<Wake> {
    const kept = this.#kept.get(id);
    if (kept === undefined) return null;
    const { act, clock, policy } = this.#deps;
    for (;;) {
      if (kept.view.endedAtMs !== null) return null;
      const { answer } = kept;
      kept.answer = null;
      const observed = this.#sight.of(kept);
      const decision = decideLaunch(kept.state, answer, observed, policy, clock.nowMs());
      this.#save(kept, decision);
      if (decision.action.kind === "wait") return { atMs: decision.action.untilMs };
      kept.answer = await act(kept, decision.action);
      if (decision.action.kind === "finish") {
        this.#announce(kept, decision);
        return null;
      }
    }
  }

  #save(kept: KeptLaunch, decision: LaunchDecision): void {
    const { stage, tried = kept.state.tried } = decision;
    this.#keepSeats(kept, stage);
    kept.state = { ...kept.state, stage, tried };
    kept.view = progressOf(kept.view, stage, tried.starts);
    this.#noteOutcomes(kept, decision.outcomes ?? []);
    this.#sight.follow(kept);
    if (decision.action.kind !== "finish") this.#announce(kept, decision);
  }

  /** The rival of a silent server is on its way for a while before it is seen. */
  #keepSeats({ state, wish }: KeptLaunch, stage: LaunchStage): void {
    if (stage.kind !== "starting" && state.stage.kind !== "starting") return;
    const isRival = stage.kind === "starting" && stage.beside.length > 0;
    this.#deps.seats.keep(wish.id, isRival ? 2 : 1);
  }

  #noteOutcomes({ wish }: KeptLaunch, outcomes: readonly StartOutcome[]): void {
    if (outcomes.length === 0) return;
    const repoKey = this.#deps.repoKeys.of(wish.repo);
    const atMs = this.#deps.clock.nowMs();
    for (const { because, isGood, node, tookMs } of outcomes) {
      if (tookMs !== null) this.#startTimes.add(tookMs);
      this.#deps.noteOutcome({ node, repoKey, atMs, isGood, because });
    }
  }

  /** The end is announced only after what it ends was ended. */
  #announce(kept: KeptLaunch, decision: LaunchDecision): void {
    const nowMs = this.#deps.clock.nowMs();
    for (const event of decision.events) {
      const { phase } = event;
      const result = event.result ?? kept.view.result;
      const failed = event.failure ?? kept.view.failure;
      const endedAtMs = isLaunchEnd(phase) ? nowMs : kept.view.endedAtMs;
      kept.view = { ...kept.view, phase, result, failure: failed, endedAtMs };
      kept.log.append(event, nowMs);
      const { stage } = kept.state;
      if (stage.kind === "starting" || stage.kind === "probing") {
        this.#tally.heard(kept.wish.id, nowMs);
      }
      if (!isLaunchEnd(phase)) continue;
      const sessionId = result?.sessionId ?? null;
      if (sessionId !== null) this.#delivered.add(sessionId);
      this.#underWay.delete(kept.wish.id);
      this.#ended.set(kept.wish.id, kept);
      this.#tally.ended(kept.wish, kept.view);
      this.#deps.ended(kept.view);
    }
  }

  /** Nobody watches: after the grace the wish is given up. */
  #startGrace(kept: KeptLaunch): void {
    kept.cancelGrace?.();
    if (kept.view.endedAtMs !== null) return;
    kept.cancelGrace = this.#deps.clock.setTimer(this.#deps.policy.launchGraceMs, () => {
      kept.cancelGrace = null;
      if (kept.log.watchers === 0) this.cancel(kept.wish.id);
    });
  }

  /** Ended launches are kept for a while, so that a client that lost its connection sees the end. */
  #forgetOld(): void {
    const { clock, policy } = this.#deps;
    const before = clock.nowMs() - policy.launchKeptMs;
    for (const [id, { view }] of this.#ended) {
      const isOver = this.#kept.size > policy.launchesKeptMax;
      if (!isOver && view.endedAtMs !== null && view.endedAtMs >= before) return;
      this.#ended.delete(id);
      this.#kept.delete(id);
    }
  }
}
