/** Carries out what was decided for a launch; every action may be repeated. */
import { unreachable } from "#base/assert.ts";
import { refusalOfEngine } from "#core/environment/decide-engine.ts";
import type { PlanOptions } from "#core/environment/plan-environment.ts";
import { planEnvironment } from "#core/environment/plan-environment.ts";
import type { PlanOutcome } from "#core/environment/plan.ts";
import { AppError, failure, failureOf } from "#core/errors.ts";
import type { LaunchAction, LaunchAnswer } from "#core/launch/launch-stage.ts";
import type { RepoSnapshot } from "#core/repo/repo.ts";
import type { SessionId } from "#core/session/session.ts";
import type { RepoSource } from "#ports/repo-source.ts";
import type { RepoKeys } from "./repo-keys.ts";
import type { Builds } from "./builds.ts";
import type { LaunchRun } from "./launch-run.ts";
import { LaunchStarts, type LaunchStartsDeps } from "./launch-starts.ts";
import { isUnanswered } from "./unanswered.ts";

export interface LaunchActionsDeps extends LaunchStartsDeps {
  readonly repoKeys: RepoKeys;
  readonly source: RepoSource;
  readonly builds: Builds;
  readonly planOptions: PlanOptions;
}

export class LaunchActions {
  readonly #deps: LaunchActionsDeps;
  readonly #starts: LaunchStarts;
  /** A source that gives the same snapshot again spares the reading of it. */
  readonly #plans = new WeakMap<RepoSnapshot, PlanOutcome>();

  constructor(deps: LaunchActionsDeps) {
    this.#deps = deps;
    this.#starts = new LaunchStarts(deps);
  }

  async act(run: LaunchRun, action: LaunchAction): Promise<LaunchAnswer | null> {
    try {
      return await this.#dispatch(run, action);
    } catch (error) {
      const { log } = this.#deps;
      const launch = run.wish.id;
      const isTotal = !(error instanceof AppError) && (await this.#isOutage(run));
      if (isTotal || isUnanswered(error)) {
        log.warn("a launch waits: the machines cannot be asked", { launch, error });
        return { kind: "outage", failure: isTotal ? null : failure("cluster-refused") };
      }
      log.error("an action of a launch failed", { launch, action: action.kind, error });
      return { kind: "failed", failure: failureOf(error) };
    }
  }

  #dispatch(
    run: LaunchRun,
    action: LaunchAction,
  ): Promise<LaunchAnswer | null> | LaunchAnswer | null {
    switch (action.kind) {
      case "resolve":
        return this.#resolve(run);
      case "read":
        return this.#read(run, action);
      case "find-environment":
        return this.#findEnvironment(run, action);
      case "build":
        return this.#build(run, action);
      case "ask-for-seat":
        this.#askForSeat(run);
        return null;
      case "start":
        return this.#starts.start(run, action);
      case "probe":
        // It was found although its start got no answer.
        if (action.sessions.some(({ id }) => id === run.draft?.id)) run.draft = null;
        return this.#starts.probe(action);
      case "look":
        return this.#look(action.sessionIds);
      case "drop":
        for (const id of action.sessionIds) void this.#deps.ender.remove(id);
        return null;
      case "finish":
        return this.#finish(run, action.stopSessions);
      case "wait":
        return null;
      default:
        return unreachable(action);
    }
  }

  #askForSeat({ wish }: LaunchRun): void {
    const { clock, repoKeys, seats } = this.#deps;
    const { clientAddress: client, id: launchId, isCanary, repo } = wish;
    const repoKey = repoKeys.of(repo);
    seats.ask({ launchId, client, isCanary, repoKey, sinceMs: clock.nowMs() });
  }

  async #look(sessionIds: readonly SessionId[]): Promise<LaunchAnswer> {
    await Promise.all(sessionIds.map((id) => this.#deps.registry.refresh(id)));
    return { kind: "looked" };
  }

  async #finish({ draft, wish }: LaunchRun, stopSessions: readonly SessionId[]): Promise<null> {
    // Whether it began, nobody knows.
    const ids = draft === null ? stopSessions : [...stopSessions, draft.id];
    if (ids.length > 0) await this.#starts.end(ids);
    this.#deps.seats.release(wish.id);
    return null;
  }

  async #resolve(run: LaunchRun): Promise<LaunchAnswer> {
    const { clock, source } = this.#deps;
    const outcome = await source.resolve(run.wish.repo, run.abort.signal);
    if (outcome.kind === "resolved" && outcome.note !== undefined) {
      run.log.append({ phase: "waiting", message: outcome.note }, clock.nowMs());
    }
    return outcome;
  }

  async #read(
    run: LaunchRun,
    { repo }: Extract<LaunchAction, { kind: "read" }>,
  ): Promise<LaunchAnswer> {
    const { clock, source, planOptions } = this.#deps;
    const fetched = await source.fetch(repo, {
      signal: run.abort.signal,
      onLine: (message) => run.log.append({ phase: "fetching", message }, clock.nowMs()),
    });
    if (fetched.kind === "failed") return fetched;
    const { snapshot } = fetched;
    const { asOf } = run.wish;
    const known = asOf === undefined ? this.#plans.get(snapshot) : undefined;
    const outcome = known ?? planEnvironment(snapshot, { ...planOptions, asOf: asOf ?? null });
    if (asOf === undefined) this.#plans.set(snapshot, outcome);
    if (outcome.kind === "refused") return { kind: "failed", failure: outcome.failure };
    const refusal = refusalOfEngine(outcome.plan);
    if (refusal !== null) return { kind: "failed", failure: refusal };
    return { kind: "planned", plan: outcome.plan };
  }

  /** A changed builder makes nobody wait: what the last one made serves while this one makes it anew. */
  async #findEnvironment(
    { wish }: LaunchRun,
    { plan, repo }: Extract<LaunchAction, { kind: "find-environment" }>,
  ): Promise<LaunchAnswer> {
    const { builder, builds, policy } = this.#deps;
    const environment = await builder.inspect(plan.key);
    if (environment !== null || !policy.isStaleServed || wish.buildOnly) {
      return { kind: "environment", environment };
    }
    const stale = await builder.stale(plan, repo.url);
    if (stale !== null) builds.buildLater({ plan, repo });
    return { kind: "environment", environment: stale };
  }

  #build(run: LaunchRun, wanted: Extract<LaunchAction, { kind: "build" }>): Promise<LaunchAnswer> {
    const { signal } = run.abort;
    return new Promise((resolve) => {
      const leave = this.#deps.builds.join(wanted, run.wish.id, {
        attach: (lines) => run.log.attach(lines),
        lineAdded: () => run.log.lineAdded(),
        ended: resolve,
      });
      const give = () => {
        leave();
        resolve({ kind: "failed", failure: failure("launch-cancelled") });
      };
      if (signal.aborted) give();
      else signal.addEventListener("abort", give, { once: true });
    });
  }

  /** A fault of ours, or nobody who could answer? Whoever is asked about any session tells. */
  async #isOutage({ draft }: LaunchRun): Promise<boolean> {
    try {
      await this.#deps.driver.inspect(draft?.id ?? "none");
      return false;
    } catch {
      return true;
    }
  }
}
