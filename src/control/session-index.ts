/** The sessions as last seen: by id, by launch, those that wait for somebody, those that have ended. */
import type { LaunchId } from "#core/launch/launch.ts";
import type { ObservedSession, SessionId } from "#core/session/session.ts";

const NONE: readonly ObservedSession[] = [];

export class SessionIndex {
  readonly #sessions = new Map<SessionId, ObservedSession>();
  readonly #byLaunch = new Map<LaunchId, readonly SessionId[]>();
  /** Those that were given to nobody yet. */
  readonly #warm = new Map<SessionId, ObservedSession>();
  /** Those that have ended and are still there. */
  readonly #ended = new Map<SessionId, ObservedSession>();
  #all: readonly ObservedSession[] | null = null;

  get size(): number {
    return this.#sessions.size;
  }

  get warmCount(): number {
    return this.#warm.size;
  }

  list(): readonly ObservedSession[] {
    this.#all ??= [...this.#sessions.values()];
    return this.#all;
  }

  ids(): readonly SessionId[] {
    return [...this.#sessions.keys()];
  }

  values(): Iterable<ObservedSession> {
    return this.#sessions.values();
  }

  warm(): Iterable<ObservedSession> {
    return this.#warm.values();
  }

  ended(): Iterable<ObservedSession> {
    return this.#ended.values();
  }

  get(id: SessionId): ObservedSession | null {
    return this.#sessions.get(id) ?? null;
  }

  ofLaunch(id: LaunchId): readonly ObservedSession[] {
    const ids = this.#byLaunch.get(id);
    if (ids === undefined) return NONE;
    const sessions: ObservedSession[] = [];
    for (const sessionId of ids) {
      const session = this.#sessions.get(sessionId);
      if (session !== undefined) sessions.push(session);
    }
    return sessions;
  }

  put(session: ObservedSession, before: ObservedSession | null): void {
    const { id, purpose } = session.record;
    this.#sessions.set(id, session);
    this.#all = null;
    if (session.state.kind === "ended") this.#ended.set(id, session);
    else if (before?.state.kind === "ended") this.#ended.delete(id);
    if (purpose === null) this.#warm.set(id, session);
    else if (before === null || before.record.purpose === null) this.#warm.delete(id);
    if (purpose !== null && before?.record.purpose?.launchId !== purpose.launchId) {
      const known = this.#byLaunch.get(purpose.launchId) ?? [];
      if (!known.includes(id)) this.#byLaunch.set(purpose.launchId, [...known, id]);
    }
  }

  delete({ record: { id, purpose } }: ObservedSession): void {
    this.#sessions.delete(id);
    this.#warm.delete(id);
    this.#ended.delete(id);
    this.#all = null;
    if (purpose === null) return;
    const left = (this.#byLaunch.get(purpose.launchId) ?? []).filter((known) => known !== id);
    if (left.length === 0) this.#byLaunch.delete(purpose.launchId);
    else this.#byLaunch.set(purpose.launchId, left);
  }
}
