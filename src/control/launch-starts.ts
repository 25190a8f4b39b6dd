/** Servers of a launch: room is made for them, they are started, asked whether they answer, and ended. */
import { SECOND_MS } from "#base/units.ts";
import { AppError, failure } from "#core/errors.ts";
import type { LaunchAction, LaunchAnswer, LaunchGround } from "#core/launch/launch-stage.ts";
import type { Policy } from "#core/policy.ts";
import type { SessionId, SessionPurpose } from "#core/session/session.ts";
import type { Clock } from "#ports/clock.ts";
import type { Edge } from "#ports/edge.ts";
import type { EnvironmentBuilder } from "#ports/environment-builder.ts";
import type { Log } from "#ports/log.ts";
import type { Secrets } from "#ports/secrets.ts";
import type { SessionDriver, SessionStart } from "#ports/session-driver.ts";
import type { LaunchRun } from "./launch-run.ts";
import type { Seats } from "./seats.ts";
import type { SessionEnder } from "./session-ender.ts";
import { sessionIdOf } from "./session-name.ts";
import type { SessionRegistry } from "./session-registry.ts";
import { sessionVariables } from "./session-variables.ts";
import type { WarmPool } from "./warm-pool.ts";
import { withinTime } from "./within-time.ts";

export interface LaunchStartsDeps {
  readonly builder: EnvironmentBuilder;
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
  readonly publicUrl: string;
}

/** What is to be ended first holds up a launch for this long at most; it is ended all the same. */
const ENDING_MAX_MS = 5 * SECOND_MS;
/** Where no seat is left for two, the next one waits for as long for the end of the first. */
const REPLACING_MAX_MS = 60 * SECOND_MS;
/** After a silent server, whoever could tell why is waited for no longer. */
const LOOK_MAX_MS = 60 * SECOND_MS;

export class LaunchStarts {
  readonly #deps: LaunchStartsDeps;

  constructor(deps: LaunchStartsDeps) {
    this.#deps = deps;
  }

  async start(
    run: LaunchRun,
    action: Extract<LaunchAction, { kind: "start" }>,
  ): Promise<LaunchAnswer> {
    const { builder, driver, log, pool, registry } = this.#deps;
    const { avoidNodes, ground, isWarmAllowed, replaces } = action;
    if (replaces.length > 0 && !(await this.#makeRoom(run.wish.id, replaces))) {
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
    return this.#startCold(run, action.start, request);
  }

  /** A start without an answer is asked for again under the same name, so that it is one. */
  async #startCold(
    run: LaunchRun,
    start: number,
    request: Omit<SessionStart, "id" | "token">,
  ): Promise<LaunchAnswer> {
    const { driver, registry, secrets } = this.#deps;
    run.draft ??= { id: sessionIdOf(run.wish, start), token: secrets.token() };
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
    // Where hints come it is known by now.
    if (registry.get(id) === null) await registry.refresh(id);
    run.draft = null;
    return { kind: "started", sessionId: id };
  }

  /** The first that answers. One that hangs holds up nobody; those that are silent are looked at. */
  async probe({
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
      const looks = Promise.all(sessions.map(({ id }) => registry.refresh(id)));
      if ((await withinTime(looks, LOOK_MAX_MS, clock)) === "late") {
        return { kind: "outage", failure: failure("cluster-refused") };
      }
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

  /** False when they were not gone in time; they are ended all the same. */
  async end(ids: readonly SessionId[], limitMs = ENDING_MAX_MS): Promise<boolean> {
    const { clock, ender } = this.#deps;
    const ends = Promise.all(ids.map((id) => ender.remove(id)));
    return (await withinTime(ends, limitMs, clock)) !== "late";
  }

  /** What is replaced ends first, or a second seat is taken for the time in which both are there. */
  async #makeRoom(launchId: string, replaces: readonly SessionId[]): Promise<boolean> {
    const { seats } = this.#deps;
    if (await this.end(replaces)) return true;
    if (!seats.hasSpare(launchId)) return await this.end(replaces, REPLACING_MAX_MS);
    seats.keep(launchId, 2);
    return true;
  }
}
