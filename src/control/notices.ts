/** Tells the people in sessions what they have to know. */
import { decideNotices } from "#core/session/decide-notices.ts";
import type { SessionId, SessionNotice } from "#core/session/session.ts";
import type { Policy } from "#core/policy.ts";
import type { Clock } from "#ports/clock.ts";
import type { SessionDriver } from "#ports/session-driver.ts";
import type { SessionRegistry } from "./session-registry.ts";

export interface NoticesDeps {
  readonly driver: SessionDriver;
  readonly registry: SessionRegistry;
  readonly clock: Clock;
  readonly policy: Policy;
}

export class Notices {
  readonly #deps: NoticesDeps;
  /** Session id → ids of the notices that it was given. */
  readonly #given = new Map<SessionId, Set<string>>();

  constructor(deps: NoticesDeps) {
    this.#deps = deps;
  }

  async round(isCurrent: () => boolean): Promise<void> {
    const { clock, driver, registry } = this.#deps;
    for (const id of this.#given.keys()) if (registry.get(id) === null) this.#given.delete(id);
    for (const { id, notice } of this.#due(clock.nowMs())) {
      if (!isCurrent()) return;
      await driver.notify(id, notice);
      this.#given.set(id, (this.#given.get(id) ?? new Set()).add(notice.id));
    }
  }

  /** Those that are due and were not given yet. */
  #due(nowMs: number): readonly { readonly id: SessionId; readonly notice: SessionNotice }[] {
    const { policy, registry } = this.#deps;
    const due: { readonly id: SessionId; readonly notice: SessionNotice }[] = [];
    for (const session of registry.values()) {
      const { id } = session.record;
      for (const notice of decideNotices(session, policy, nowMs)) {
        if (this.#given.get(id)?.has(notice.id) !== true) due.push({ id, notice });
      }
    }
    return due;
  }
}
