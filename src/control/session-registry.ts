/** The sessions as last observed: the driver is asked, hints and a periodic full list keep up. */
import type { LaunchId } from "#core/launch/launch.ts";
import type { ObservedSession, SessionId } from "#core/session/session.ts";
import type { SessionDriver } from "#ports/session-driver.ts";

export type SessionListener = (before: ObservedSession | null, now: ObservedSession | null) => void;

export class SessionRegistry {
  readonly #driver: SessionDriver;
  readonly #sessions = new Map<SessionId, ObservedSession>();
  readonly #byLaunch = new Map<LaunchId, SessionId>();
  readonly #listeners = new Set<SessionListener>();
  #epoch = 0;

  constructor(driver: SessionDriver) {
    this.#driver = driver;
  }

  list(): readonly ObservedSession[] {
    return [...this.#sessions.values()];
  }

  get(id: SessionId): ObservedSession | null {
    return this.#sessions.get(id) ?? null;
  }

  /** The session that was started for this launch; not one that has ended and been replaced. */
  ofLaunch(id: LaunchId): ObservedSession | null {
    const sessionId = this.#byLaunch.get(id);
    return sessionId === undefined ? null : this.get(sessionId);
  }

  /** Calls back for every difference, with null for what was or is not there. */
  onChange(listener: SessionListener): void {
    this.#listeners.add(listener);
  }

  /** Full list-and-diff: the truth, which repairs what a hint lost. */
  async resync(isCurrent: () => boolean): Promise<void> {
    this.#epoch += 1;
    const startedIn = this.#epoch;
    const changedSince = new Set<SessionId>();
    const stopNoting = this.#noteChanges(changedSince);
    try {
      const listed = await this.#driver.list();
      if (!isCurrent() || startedIn !== this.#epoch) return;
      const seen = new Set<SessionId>();
      for (const session of listed) {
        seen.add(session.record.id);
        if (!changedSince.has(session.record.id)) this.#put(session);
      }
      for (const id of [...this.#sessions.keys()]) {
        if (!seen.has(id) && !changedSince.has(id)) this.#delete(id);
      }
    } finally {
      stopNoting();
    }
  }

  /** Looks at one session now. */
  async refresh(id: SessionId): Promise<ObservedSession | null> {
    const session = await this.#driver.inspect(id);
    if (session === null) this.#delete(id);
    else this.#put(session);
    return session;
  }

  /** What changed by itself while a list was under way is newer than the list. */
  #noteChanges(into: Set<SessionId>): () => void {
    const note: SessionListener = (before, now) => {
      const id = now?.record.id ?? before?.record.id;
      if (id !== undefined) into.add(id);
    };
    this.#listeners.add(note);
    return () => void this.#listeners.delete(note);
  }

  #put(session: ObservedSession): void {
    const { id, purpose } = session.record;
    const before = this.get(id);
    this.#sessions.set(id, session);
    if (purpose !== null) {
      const known = this.ofLaunch(purpose.launchId);
      if (known === null || known.state.kind === "ended" || session.state.kind !== "ended") {
        this.#byLaunch.set(purpose.launchId, id);
      }
    }
    if (before === null || isDifferent(before, session)) this.#tell(before, session);
  }

  #delete(id: SessionId): void {
    const before = this.get(id);
    if (before === null) return;
    this.#sessions.delete(id);
    const launchId = before.record.purpose?.launchId;
    if (launchId !== undefined && this.#byLaunch.get(launchId) === id) {
      this.#byLaunch.delete(launchId);
    }
    this.#tell(before, null);
  }

  #tell(before: ObservedSession | null, now: ObservedSession | null): void {
    for (const listener of [...this.#listeners]) listener(before, now);
  }
}

function isDifferent(a: ObservedSession, b: ObservedSession): boolean {
  return (
    a.state.kind !== b.state.kind ||
    a.outOfMemoryKills !== b.outOfMemoryKills ||
    a.record.claimedAtMs !== b.record.claimedAtMs ||
    a.record.endsAtMs !== b.record.endsAtMs
  );
}
