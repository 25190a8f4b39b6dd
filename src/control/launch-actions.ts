/** Carries out what was decided for a launch; every action may be repeated. */
import { unreachable } from "#base/assert.ts";
import { refusalOfEngine } from "#core/environment/decide-engine.ts";
import { SECOND_MS } from "#base/units.ts";
import type { PlanOptions } from "#core/environment/plan-environment.ts";
import { planEnvironment } from "#core/environment/plan-environment.ts";
import type { Environment } from "#core/environment/environment.ts";
import type { PlanOutcome } from "#core/environment/plan.ts";
import { AppError, failure, failureOf } from "#core/errors.ts";
import type { LaunchAction, LaunchAnswer, LaunchGround } from "#core/launch/launch-stage.ts";
import type { Policy } from "#core/policy.ts";
import type { RepoSnapshot } from "#core/repo/repo.ts";
import type { SessionId, SessionPurpose } from "#core/session/session.ts";
import type { Clock } from "#ports/clock.ts";
import type { Edge } from "#ports/edge.ts";
import type { EnvironmentBuilder } from "#ports/environment-builder.ts";
import type { Log } from "#ports/log.ts";
import type { RepoSource } from "#ports/repo-source.ts";
import type { Secrets } from "#ports/secrets.ts";
import type { SessionDriver, SessionStart } from "#ports/session-driver.ts";
import type { RepoKeys } from "./repo-keys.ts";
import type { Builds } from "./builds.ts";
import type { LaunchRun } from "./launch-run.ts";
import type { Seats } from "./seats.ts";
import type { SessionEnder } from "./session-ender.ts";
import type { SessionRegistry } from "./session-registry.ts";
import { sessionName } from "./session-name.ts";
import { sessionVariables } from "./session-variables.ts";
import { isUnanswered } from "./unanswered.ts";
import type { WarmPool } from "./warm-pool.ts";
import { withinTime } from "./within-time.ts";

export interface LaunchActionsDeps {
  readonly repoKeys: RepoKeys;
  readonly source: RepoSource;
  readonly builder: EnvironmentBuilder;
  readonly builds: Builds;
  readonly driver: SessionDriver;
  readonly registry: SessionRegistry;
  readonly ender: SessionEnder;
  readonly seats: Seats;
  readonly pool: WarmPool;
  readonly edge: Edge;
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly log: Log;
  readonly policy: Policy;
  readonly planOptions: PlanOptions;
  readonly publicUrl: string;
}

/** What is to be ended first holds up a launch for this long at most; it is ended all the same. */
const ENDING_MAX_MS = 5 * SECOND_MS;
/** Where no seat is left for two, the next one waits for as long for the end of the first. */
const REPLACING_MAX_MS = 60 * SECOND_MS;

export class LaunchActions {
  readonly #deps: LaunchActionsDeps;
  /** A source that gives the same snapshot again spares the reading of it. */
  readonly #plans = new WeakMap<RepoSnapshot, PlanOutcome>();

  constructor(deps: LaunchActionsDeps) {
    this.#deps = deps;
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

  async #dispatch(run: LaunchRun, action: LaunchAction): Promise<LaunchAnswer | null> {
    switch (action.kind) {
      case "resolve":
        return this.#resolve(run);
      case "read":
        return this.#read(run, action);
      case "find-environment": {
        const environment = await this.#findEnvironment(run, action);
        return { kind: "environment", environment };
      }
      case "build":
        return this.#build(run, action);
      case "ask-for-seat": {
        const { clientAddress, id, isCanary, repo } = run.wish;
        const asked = { launchId: id, client: clientAddress, isCanary };
        const sinceMs = this.#deps.clock.nowMs();
        this.#deps.seats.ask({ ...asked, repoKey: this.#deps.repoKeys.of(repo), sinceMs });
        return null;
      }
      case "start":
        return this.#start(run, action);
      case "probe":
        // It was found although its start got no answer.
        if (action.sessions.some(({ id }) => id === run.draft?.id)) run.draft = null;
        return this.#probe(action);
      case "look":
        await Promise.all(action.sessionIds.map((id) => this.#deps.registry.refresh(id)));
        return { kind: "looked" };
      case "drop":
        for (const id of action.sessionIds) void this.#deps.ender.remove(id);
        return null;
      case "finish":
        // Whether it began, nobody knows.
        await this.#end([...action.stopSessions, ...(run.draft === null ? [] : [run.draft.id])]);
        this.#deps.seats.release(run.wish.id);
        return null;
      case "wait":
        return null;
      default:
        return unreachable(action);
    }
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
  ): Promise<Environment | null> {
    const { builder, builds, policy } = this.#deps;
    const environment = await builder.inspect(plan.key);
    if (environment !== null || !policy.isStaleServed || wish.buildOnly) return environment;
    const stale = await builder.stale(plan, repo.url);
    if (stale !== null) builds.buildLater({ plan, repo });
    return stale;
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

  async #start(
    run: LaunchRun,
    action: Extract<LaunchAction, { kind: "start" }>,
  ): Promise<LaunchAnswer> {
    const { builder, driver, log, pool, registry } = this.#deps;
    const { avoidNodes, ground, isWarmAllowed, replaces } = action;
    if (!(await this.#makeRoom(run.wish.id, replaces))) {
      return { kind: "failed", failure: failure("no-capacity") };
    }
    if (run.draft !== null && replaces.includes(run.draft.id)) run.draft = null;
    const request = this.#request(run, ground, avoidNodes);
    await builder.touch(ground.environment.key);
    const isWarm = isWarmAllowed && run.draft === null && ground.environment.server === "generic";
    const warm = isWarm ? pool.take() : null;
    if (warm !== null) {
      const { id } = warm.record;
      const claim = await driver.claim(id, request);
      await registry.refresh(id);
      if (claim.kind === "claimed") return { kind: "started", sessionId: id };
      log.warn("a warm server was gone when it was to be given to a person", { id });
    }
    return this.#startCold(run, request);
  }

  /** A start without an answer is asked for again under the same name, so that it is one. */
  async #startCold(
    run: LaunchRun,
    request: Omit<SessionStart, "id" | "token">,
  ): Promise<LaunchAnswer> {
    const { driver, registry, secrets } = this.#deps;
    run.draft ??= { id: `${sessionName(run.wish.repo)}-${secrets.id()}`, token: secrets.token() };
    const { id, token } = run.draft;
    try {
      await driver.start({ id, token, ...request });
    } catch (error) {
      // Nobody knows whether it began until somebody looks.
      const session = await registry.refresh(id);
      if (error instanceof AppError || session === null || session.state.kind === "ended") {
        run.draft = null;
        throw error;
      }
    }
    await registry.refresh(id);
    run.draft = null;
    return { kind: "started", sessionId: id };
  }

  /** The first that answers. One that hangs holds up nobody; those that are silent are looked at. */
  async #probe({
    limitMs,
    sessions,
  }: Extract<LaunchAction, { kind: "probe" }>): Promise<LaunchAnswer> {
    const { clock, edge, registry } = this.#deps;
    const ask = async ({ id, token }: { readonly id: SessionId; readonly token: string }) => {
      const answer = await withinTime(edge.probe(id, token), limitMs, clock);
      if (answer === "late" || answer.kind === "silent") throw new Error("silent");
      return id;
    };
    try {
      return { kind: "probed", answering: await Promise.any(sessions.map(ask)) };
    } catch {
      await Promise.all(sessions.map(({ id }) => registry.refresh(id)));
      return { kind: "probed", answering: null };
    }
  }

  #request(
    { wish }: LaunchRun,
    { environment, plan, repo }: LaunchGround,
    avoidNodes: readonly string[],
  ): Omit<SessionStart, "id" | "token"> {
    const { clock, policy, publicUrl } = this.#deps;
    const purpose: SessionPurpose = {
      launchId: wish.id,
      repo,
      environmentKey: environment.key,
      clientAddress: wish.clientAddress,
      isCanary: wish.isCanary,
    };
    return {
      purpose,
      environment,
      plan,
      endsAtMs: clock.nowMs() + policy.sessionAgeMs,
      idleLimitMs: policy.sessionIdleMs,
      avoidNodes,
      variables: sessionVariables(purpose, publicUrl),
    };
  }

  async #end(ids: readonly SessionId[], limitMs = ENDING_MAX_MS): Promise<boolean> {
    if (ids.length === 0) return true;
    const { clock, ender } = this.#deps;
    const ends = Promise.all(ids.map((id) => ender.remove(id)));
    return (await withinTime(ends, limitMs, clock)) !== "late";
  }

  /** What is replaced ends first, or a second seat is taken for the time in which both are there. */
  async #makeRoom(launchId: string, replaces: readonly SessionId[]): Promise<boolean> {
    const { seats } = this.#deps;
    if (await this.#end(replaces)) return true;
    if (!seats.hasSpare(launchId)) return await this.#end(replaces, REPLACING_MAX_MS);
    seats.keep(launchId, 2);
    return true;
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
