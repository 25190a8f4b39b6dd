/** Carries out what was decided for a launch; every action may be repeated. */
import { unreachable } from "#base/assert.ts";
import { refusalOfEngine } from "#core/environment/decide-engine.ts";
import type { PlanOptions } from "#core/environment/plan-environment.ts";
import { planEnvironment } from "#core/environment/plan-environment.ts";
import { failure, failureOf } from "#core/errors.ts";
import type { LaunchAction, LaunchAnswer, LaunchGround } from "#core/launch/launch-stage.ts";
import type { Policy } from "#core/policy.ts";
import type { Repo } from "#core/repo/repo.ts";
import { canonicalUrl } from "#core/repo/provider.ts";
import type { SessionPurpose } from "#core/session/session.ts";
import type { Clock } from "#ports/clock.ts";
import type { Edge } from "#ports/edge.ts";
import type { EnvironmentBuilder } from "#ports/environment-builder.ts";
import type { Log } from "#ports/log.ts";
import type { RepoSource } from "#ports/repo-source.ts";
import type { Secrets } from "#ports/secrets.ts";
import type { SessionDriver, SessionStart } from "#ports/session-driver.ts";
import type { Builds } from "./builds.ts";
import type { LaunchRun } from "./launch-run.ts";
import type { Seats } from "./seats.ts";
import type { SessionRegistry } from "./session-registry.ts";
import { sessionVariables } from "./session-variables.ts";
import type { WarmPool } from "./warm-pool.ts";

export interface LaunchActionsDeps {
  readonly source: RepoSource;
  readonly builder: EnvironmentBuilder;
  readonly builds: Builds;
  readonly driver: SessionDriver;
  readonly registry: SessionRegistry;
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

export class LaunchActions {
  readonly #deps: LaunchActionsDeps;

  constructor(deps: LaunchActionsDeps) {
    this.#deps = deps;
  }

  async act(run: LaunchRun, action: LaunchAction): Promise<LaunchAnswer | null> {
    try {
      return await this.#dispatch(run, action);
    } catch (error) {
      const { id } = run.wish;
      this.#deps.log.error("an action of a launch failed", {
        launch: id,
        action: action.kind,
        error,
      });
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
        const environment = await this.#deps.builder.inspect(action.plan.key);
        return { kind: "environment", environment };
      }
      case "build":
        return this.#build(run, action);
      case "ask-for-seat": {
        const { clientAddress, id, isCanary, repo } = run.wish;
        const asked = { launchId: id, client: clientAddress, isCanary };
        const sinceMs = this.#deps.clock.nowMs();
        this.#deps.seats.ask({ ...asked, repoKey: canonicalUrl(repo), sinceMs });
        return null;
      }
      case "start":
        return this.#start(run, action);
      case "probe": {
        const probe = await this.#deps.edge.probe(action.sessionId, action.token);
        await this.#deps.registry.refresh(action.sessionId);
        return { kind: "probed", answers: probe.kind === "answers" };
      }
      case "finish": {
        if (action.stopSession !== null) await this.#stopSession(action.stopSession);
        this.#deps.seats.release(run.wish.id);
        return null;
      }
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
    const outcome = planEnvironment(fetched.snapshot, planOptions);
    if (outcome.kind === "refused") return { kind: "failed", failure: outcome.failure };
    const refusal = refusalOfEngine(outcome.plan);
    if (refusal !== null) return { kind: "failed", failure: refusal };
    return { kind: "planned", plan: outcome.plan };
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
    { ground, isWarmAllowed, replaces }: Extract<LaunchAction, { kind: "start" }>,
  ): Promise<LaunchAnswer> {
    const { driver, log, pool, registry, secrets } = this.#deps;
    if (replaces !== null) await this.#stopSession(replaces);
    const request = this.#request(run, ground);
    await this.#deps.builder.touch(ground.environment.key);
    const warm = isWarmAllowed && ground.environment.server === "generic" ? pool.take() : null;
    if (warm !== null) {
      const { id } = warm.record;
      const claim = await driver.claim(id, request);
      await registry.refresh(id);
      if (claim.kind === "claimed") return { kind: "started", sessionId: id };
      log.warn("a warm server was gone when it was to be given to a person", { id });
    }
    const id = `${nameOf(run.wish.repo)}-${secrets.id()}`;
    await driver.start({ id, token: secrets.token(), ...request });
    await registry.refresh(id);
    return { kind: "started", sessionId: id };
  }

  #request(
    { wish }: LaunchRun,
    { environment, plan, repo }: LaunchGround,
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
      avoidNodes: [],
      variables: sessionVariables(purpose, publicUrl),
    };
  }

  async #stopSession(id: string): Promise<void> {
    await this.#deps.driver.stop(id, "stopped");
    await this.#deps.driver.remove(id);
    await this.#deps.registry.refresh(id);
  }
}

/** The readable part of a session's id. */
function nameOf(repo: Repo): string {
  const last = decodeURIComponent(repo.spec).split("/").at(-1) ?? "";
  const name = last
    .toLowerCase()
    .replace(/\.git$/, "")
    .replace(/[^a-z0-9]+/g, "-");
  return (
    name
      .replace(/^-+|-+$/g, "")
      .slice(0, 24)
      .replace(/-+$/, "") || "session"
  );
}
