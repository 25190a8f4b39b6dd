/** Ends sessions that are idle or too old, and clears away what has ended. */
import { SECOND_MS } from "#base/units.ts";
import type { Policy } from "#core/policy.ts";
import { type Culling, decideCulling } from "#core/session/decide-culling.ts";
import type { ObservedSession } from "#core/session/session.ts";
import type { Clock } from "#ports/clock.ts";
import type { Log } from "#ports/log.ts";
import type { SessionDriver } from "#ports/session-driver.ts";
import type { SessionRegistry } from "./session-registry.ts";

export interface CullerDeps {
  readonly driver: SessionDriver;
  readonly registry: SessionRegistry;
  readonly clock: Clock;
  readonly log: Log;
  readonly policy: Policy;
}

/** Wall clock and monotonic clock may part by this much between two rounds. */
const CLOCK_JUMP_MS = 30 * SECOND_MS;

export class Culler {
  readonly #deps: CullerDeps;
  #activeSinceMs = 0;
  #last: { readonly wallMs: number; readonly monotonicMs: number } | null = null;
  /** When each ended session was first seen ended, by the clock that does not jump. */
  readonly #endedSince = new Map<string, number>();

  constructor(deps: CullerDeps) {
    this.#deps = deps;
  }

  async round(isCurrent: () => boolean): Promise<void> {
    const { clock, policy, registry } = this.#deps;
    this.#watchTheClock();
    const cullings = decideCulling(registry.list(), policy, this.#activeSinceMs, clock.nowMs());
    for (const culling of cullings) {
      if (!isCurrent()) return;
      await this.#cull(culling);
    }
    await this.#clearAway(isCurrent);
  }

  #watchTheClock(): void {
    const { clock, log } = this.#deps;
    const now = { wallMs: clock.nowMs(), monotonicMs: clock.monotonicMs() };
    if (this.#last !== null) {
      const jumpMs = now.wallMs - this.#last.wallMs - (now.monotonicMs - this.#last.monotonicMs);
      if (Math.abs(jumpMs) > CLOCK_JUMP_MS) {
        this.#activeSinceMs = now.wallMs;
        log.warn("the clock jumped; idleness counts from now", { jumpMs });
      }
    }
    this.#last = now;
  }

  async #cull({ id, end, because }: Culling): Promise<void> {
    const { driver, log, registry } = this.#deps;
    if (end === "idle" && (await driver.isBusy(id))) return;
    log.info("a session is ended", { id, end, because });
    await driver.stop(id, end);
    await registry.refresh(id);
  }

  async #clearAway(isCurrent: () => boolean): Promise<void> {
    const { clock, driver, policy, registry } = this.#deps;
    const ended = registry.list().filter(({ state }) => state.kind === "ended");
    const ids = new Set(ended.map(({ record }) => record.id));
    for (const id of this.#endedSince.keys()) if (!ids.has(id)) this.#endedSince.delete(id);
    for (const session of ended) {
      if (!isCurrent()) return;
      const { id } = session.record;
      const sinceMs = this.#endedSince.get(id) ?? clock.monotonicMs();
      this.#endedSince.set(id, sinceMs);
      if (clock.monotonicMs() - sinceMs < keptMs(session, policy)) continue;
      await driver.remove(id);
      await registry.refresh(id);
    }
  }
}

/** A warm server that ended interests nobody. */
function keptMs({ record }: ObservedSession, policy: Policy): number {
  return record.purpose === null ? 0 : policy.sessionKeptMs;
}
