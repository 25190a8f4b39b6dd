/** The launches: submitted once however often, watched by any number, driven to their end. */
import { failure, type FailureDetail } from "#core/errors.ts";
import { decideLaunch } from "#core/launch/decide-launch.ts";
import type { LaunchId, LaunchView, LaunchWish } from "#core/launch/launch.ts";
import { isLaunchEnd } from "#core/launch/launch.ts";
import type { LaunchAnswer, LaunchDecision, LaunchState } from "#core/launch/launch-stage.ts";
import type { Policy } from "#core/policy.ts";
import type { Clock } from "#ports/clock.ts";
import type { Log } from "#ports/log.ts";
import type { Launches as LaunchesApi, LaunchWatcher, SubmitOutcome } from "./control-plane-api.ts";
import { LaunchLog } from "./launch-log.ts";
import type { LaunchRun } from "./launch-run.ts";
import { Reconciler, type Wake } from "./reconciler.ts";
import type { Seats } from "./seats.ts";
import type { SessionRegistry } from "./session-registry.ts";

export interface LaunchesDeps {
  readonly registry: SessionRegistry;
  readonly seats: Seats;
  readonly clock: Clock;
  readonly log: Log;
  readonly policy: Policy;
  /** Carries out one decided action; see `launch-actions.ts`. */
  readonly act: (run: LaunchRun, action: LaunchDecision["action"]) => Promise<LaunchAnswer | null>;
  readonly ended: (view: LaunchView) => void;
}

interface Kept extends LaunchRun {
  state: LaunchState;
  answer: LaunchAnswer | null;
  view: LaunchView;
  isCancelled: boolean;
  cancelGrace: (() => void) | null;
}

export class Launches implements LaunchesApi {
  readonly #deps: LaunchesDeps;
  readonly #kept = new Map<LaunchId, Kept>();
  /** Those of `#kept` that have not ended. */
  readonly #underWay = new Map<LaunchId, Kept>();
  readonly #reconciler: Reconciler;

  constructor(deps: LaunchesDeps) {
    this.#deps = deps;
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

  submit(wish: LaunchWish): SubmitOutcome {
    const known = this.#kept.get(wish.id);
    if (known !== undefined) {
      if (!isSameWish(known.wish, wish)) {
        return { kind: "refused", failure: failure("launch-conflict") };
      }
      return { kind: "accepted", launch: known.view, isNew: false };
    }
    const { clock, policy } = this.#deps;
    if (this.pending >= policy.queueMax) {
      return { kind: "refused", failure: failure("queue-full", undefined, this.#retry()) };
    }
    if (this.#pendingOf(wish.clientAddress) >= policy.launchesPerClientMax) {
      return { kind: "refused", failure: failure("rate-limited", undefined, this.#retry()) };
    }
    const kept = newLaunch(wish, policy.launchEventsMax, clock.nowMs());
    this.#kept.set(wish.id, kept);
    this.#underWay.set(wish.id, kept);
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
    if (this.#kept.has(id)) this.#reconciler.add(id);
  }

  stop(): void {
    this.#reconciler.stop();
    for (const kept of this.#kept.values()) {
      kept.cancelGrace?.();
      kept.abort.abort();
    }
  }

  #retry(): FailureDetail {
    return { retryAfterSeconds: this.#deps.seats.retryAfterSeconds() };
  }

  #pendingOf(clientAddress: string | null): number {
    if (clientAddress === null) return 0;
    let count = 0;
    for (const { wish } of this.#underWay.values()) {
      if (wish.clientAddress === clientAddress) count += 1;
    }
    return count;
  }

  /** One round of decide, save, act; again until there is nothing to do but wait. */
  async #step(id: LaunchId): Promise<Wake> {
    const kept = this.#kept.get(id);
    if (kept === undefined) return null;
    const { act, clock, policy, registry, seats } = this.#deps;
    for (;;) {
      if (kept.view.endedAtMs !== null) return null;
      const observed = {
        session: registry.ofLaunch(id),
        seat: seats.of(id),
        isCancelled: kept.isCancelled,
      };
      const { answer } = kept;
      kept.answer = null;
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

  #save(kept: Kept, decision: LaunchDecision): void {
    const { stage } = decision;
    kept.state = { ...kept.state, stage };
    const commit = "repo" in stage ? stage.repo.commit : kept.view.commit;
    const environmentKey = "plan" in stage ? stage.plan.key : kept.view.environmentKey;
    kept.view = { ...kept.view, commit, environmentKey };
    if (decision.action.kind !== "finish") this.#announce(kept, decision);
  }

  /** The end is announced only after what it ends was ended. */
  #announce(kept: Kept, decision: LaunchDecision): void {
    const nowMs = this.#deps.clock.nowMs();
    for (const event of decision.events) {
      const { phase } = event;
      const result = event.result ?? kept.view.result;
      const failed = event.failure ?? kept.view.failure;
      const endedAtMs = isLaunchEnd(phase) ? nowMs : kept.view.endedAtMs;
      kept.view = { ...kept.view, phase, result, failure: failed, endedAtMs };
      kept.log.append(event, nowMs);
      if (!isLaunchEnd(phase)) continue;
      this.#underWay.delete(kept.wish.id);
      this.#deps.ended(kept.view);
    }
  }

  /** Nobody watches: after the grace the wish is given up. */
  #startGrace(kept: Kept): void {
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
    for (const [id, { view }] of this.#kept) {
      const isOver = this.#kept.size > policy.launchesKeptMax;
      if (view.endedAtMs !== null && (isOver || view.endedAtMs < before)) this.#kept.delete(id);
    }
  }
}

function newLaunch(wish: LaunchWish, eventsMax: number, nowMs: number): Kept {
  return {
    wish,
    log: new LaunchLog(eventsMax),
    abort: new AbortController(),
    state: { wish, submittedAtMs: nowMs, stage: { kind: "resolving" } },
    answer: null,
    isCancelled: false,
    cancelGrace: null,
    view: {
      id: wish.id,
      repo: wish.repo,
      phase: "waiting",
      submittedAtMs: nowMs,
      endedAtMs: null,
      commit: null,
      environmentKey: null,
      result: null,
      failure: null,
    },
  };
}

function isSameWish(a: LaunchWish, b: LaunchWish): boolean {
  return (
    a.repo.provider === b.repo.provider &&
    a.repo.url === b.repo.url &&
    a.repo.ref === b.repo.ref &&
    a.buildOnly === b.buildOnly
  );
}
