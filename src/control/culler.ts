/** Finds sessions that are idle or too old, and has them ended and what has ended cleared away. */
import { SECOND_MS } from "#base/units.ts";
import type { Policy } from "#core/policy.ts";
import { type Culling, decideCulling } from "#core/session/decide-culling.ts";
import type { ObservedSession, SessionId } from "#core/session/session.ts";
import type { Clock } from "#ports/clock.ts";
import type { Log } from "#ports/log.ts";
import type { SessionDriver } from "#ports/session-driver.ts";
import type { SessionEnder } from "./session-ender.ts";
import type { SessionRegistry } from "./session-registry.ts";

export interface CullerDeps {
  readonly driver: SessionDriver;
  readonly registry: SessionRegistry;
  readonly ender: SessionEnder;
  readonly clock: Clock;
  readonly log: Log;
  readonly policy: Policy;
}

/** Wall clock and monotonic clock may part by this much between two rounds. */
const CLOCK_JUMP_MS = 30 * SECOND_MS;
/** Questions to sessions whether they are at work, at the same time. */
const QUESTIONS_MAX = 20;

export class Culler {
  readonly #deps: CullerDeps;
  #activeSinceMs = 0;
  #last: { readonly wallMs: number; readonly monotonicMs: number } | null = null;
  /** When each ended session was first seen ended, by the clock that does not jump. */
  readonly #endedSince = new Map<SessionId, number>();
  /** Asked whether they are at work, and silent still: in a later round that is an answer. */
  readonly #silent = new Set<SessionId>();

  constructor(deps: CullerDeps) {
    this.#deps = deps;
  }

  /** The earliest moment from which idleness may be counted. */
  get activeSinceMs(): number {
    return this.#activeSinceMs;
  }

  /** Only the questions are waited for: no session that refuses to end holds up the others. */
  async round(isCurrent: () => boolean): Promise<void> {
    const { clock, ender, policy, registry } = this.#deps;
    this.#watchTheClock();
    const nowMs = clock.nowMs();
    const questions: Culling[] = [];
    for (const culling of decideCulling(registry.values(), policy, this.#activeSinceMs, nowMs)) {
      if (ender.isEnding(culling.id)) continue;
      // While nobody can be asked everybody looks idle.
      if (culling.end === "idle" && !registry.isFresh) continue;
      if (culling.end === "idle" && !this.#silent.delete(culling.id)) questions.push(culling);
      else this.#end(culling);
    }
    this.#clearAway();
    const ask = async () => {
      for (let next = questions.shift(); next !== undefined; next = questions.shift()) {
        if (isCurrent()) await this.#ask(next, isCurrent);
      }
    };
    await Promise.all(Array.from({ length: Math.min(QUESTIONS_MAX, questions.length) }, ask));
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

  async #ask(culling: Culling, isCurrent: () => boolean): Promise<void> {
    const { driver, log } = this.#deps;
    this.#silent.add(culling.id);
    try {
      const isBusy = await driver.isBusy(culling.id);
      if (!isBusy && isCurrent()) this.#end(culling);
    } catch (error) {
      log.warn("a session could not be asked whether it is at work", { id: culling.id, error });
    }
    this.#silent.delete(culling.id);
  }

  #end({ id, end, because }: Culling): void {
    this.#deps.log.info("a session is ended", { id, end, because });
    this.#deps.ender.enqueue(id, "end", end);
  }

  #clearAway(): void {
    const { clock, ender, policy, registry } = this.#deps;
    const nowMs = clock.monotonicMs();
    for (const id of this.#endedSince.keys()) {
      if (registry.get(id) === null) this.#endedSince.delete(id);
    }
    for (const id of this.#silent) if (registry.get(id) === null) this.#silent.delete(id);
    for (const session of registry.ended()) {
      const { id } = session.record;
      const sinceMs = this.#endedSince.get(id) ?? nowMs;
      this.#endedSince.set(id, sinceMs);
      if (nowMs - sinceMs >= keptMs(session, policy)) ender.enqueue(id, "remove");
    }
  }
}

/** A warm server that ended interests nobody. */
function keptMs({ record }: ObservedSession, policy: Policy): number {
  return record.purpose === null ? 0 : policy.sessionKeptMs;
}
