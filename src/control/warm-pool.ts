/** Keeps generic servers waiting, and hands each to at most one launch. */
import { MINUTE_MS } from "#base/units.ts";
import type { Policy } from "#core/policy.ts";
import { decideWarmPool } from "#core/session/decide-warm-pool.ts";
import type { ObservedSession, SessionId } from "#core/session/session.ts";
import type { Clock } from "#ports/clock.ts";
import type { Log } from "#ports/log.ts";
import type { Machine } from "#ports/machine.ts";
import type { Secrets } from "#ports/secrets.ts";
import type { SessionDriver } from "#ports/session-driver.ts";
import type { SessionEnder } from "./session-ender.ts";
import type { SessionRegistry } from "./session-registry.ts";

export interface WarmPoolDeps {
  readonly driver: SessionDriver;
  readonly registry: SessionRegistry;
  readonly ender: SessionEnder;
  readonly machine: Machine;
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly log: Log;
  readonly policy: Policy;
  readonly peopleWaiting: () => number;
}

/** The keeper ends a forgotten warm server this long after the pool would have. */
const FORGOTTEN_AFTER_MS = 10 * MINUTE_MS;

export class WarmPool {
  readonly #deps: WarmPoolDeps;
  readonly #given = new Set<SessionId>();

  constructor(deps: WarmPoolDeps) {
    this.#deps = deps;
  }

  /** A server that runs and was given to nobody yet; the caller claims it. */
  take(): ObservedSession | null {
    for (const session of this.#deps.registry.warm()) {
      const { id } = session.record;
      if (session.state.kind !== "running" || this.#given.has(id)) continue;
      this.#given.add(id);
      return session;
    }
    return null;
  }

  async round(isCurrent: () => boolean): Promise<void> {
    const { clock, log, machine, peopleWaiting, policy } = this.#deps;
    for (const id of this.#given) if (this.#deps.registry.get(id) === null) this.#given.delete(id);
    const freeMemoryBytes = await machine.freeMemoryBytes();
    const observed = { warm: this.#warm(), peopleWaiting: peopleWaiting(), freeMemoryBytes };
    const decision = decideWarmPool(observed, policy, clock.nowMs());
    if (decision.brake !== null) log.debug("no warm server is started", { why: decision.brake });
    for (const id of decision.stop) this.#end(id);
    for (let n = 0; n < decision.start && isCurrent(); n += 1) await this.#startOne();
  }

  #warm(): ObservedSession[] {
    return [...this.#deps.registry.warm()].filter(({ record }) => !this.#given.has(record.id));
  }

  async #startOne(): Promise<void> {
    const { clock, driver, policy, registry, secrets } = this.#deps;
    const id = secrets.id();
    const endsAtMs = clock.nowMs() + policy.warmServerAgeMs + FORGOTTEN_AFTER_MS;
    await driver.startWarm({ id, token: secrets.token(), endsAtMs });
    await registry.refresh(id);
  }

  #end(id: SessionId): void {
    this.#given.add(id);
    void this.#deps.ender.remove(id);
  }
}
