/** What people may do with sessions: look, end, prolong, read the log. */
import { failure } from "#core/errors.ts";
import type { Policy } from "#core/policy.ts";
import type { ObservedSession, SessionId } from "#core/session/session.ts";
import type { Clock } from "#ports/clock.ts";
import type { SessionDriver } from "#ports/session-driver.ts";
import type { Sessions } from "./control-plane-api.ts";
import type { SessionEnder } from "./session-ender.ts";
import type { SessionRegistry } from "./session-registry.ts";
import { isUnanswered } from "./unanswered.ts";

export interface SessionDeskDeps {
  readonly driver: SessionDriver;
  readonly registry: SessionRegistry;
  readonly ender: SessionEnder;
  readonly clock: Clock;
  readonly policy: Policy;
}

export class SessionDesk implements Sessions {
  readonly #deps: SessionDeskDeps;

  constructor(deps: SessionDeskDeps) {
    this.#deps = deps;
  }

  list(): readonly ObservedSession[] {
    return this.#deps.registry.list();
  }

  get(id: SessionId): ObservedSession | null {
    return this.#deps.registry.get(id);
  }

  async stop(id: SessionId): ReturnType<Sessions["stop"]> {
    const { driver, ender, registry } = this.#deps;
    try {
      if ((await registry.refresh(id)) === null) return { kind: "not-found" };
      await driver.stop(id, "stopped");
      const session = await registry.refresh(id);
      const isGone = session === null || session.state.kind === "ended";
      if (!isGone) ender.enqueue(id, "end");
    } catch (error) {
      if (!isUnanswered(error) || registry.get(id) === null) throw error;
      ender.enqueue(id, "end");
    }
    return { kind: "stopped" };
  }

  async extend(id: SessionId, byMs: number): ReturnType<Sessions["extend"]> {
    const { clock, driver, policy, registry } = this.#deps;
    const session = await registry.refresh(id);
    if (session === null || session.state.kind === "ended") {
      return { kind: "refused", failure: failure("session-not-found") };
    }
    const { claimedAtMs, createdAtMs, endsAtMs } = session.record;
    const latestMs = (claimedAtMs ?? createdAtMs) + policy.sessionAgeMs;
    const wantedMs = clock.nowMs() + byMs;
    if (wantedMs > latestMs) return { kind: "refused", failure: failure("extend-refused") };
    const movedToMs = Math.max(endsAtMs, wantedMs);
    await driver.extend(id, movedToMs);
    await registry.refresh(id);
    return { kind: "extended", endsAtMs: movedToMs };
  }

  async logs(id: SessionId, bytesMax: number): Promise<string | null> {
    return await this.#deps.driver.logs(id, bytesMax);
  }
}
