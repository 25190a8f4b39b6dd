/** The sessions as last observed: the driver is asked, hints and a periodic full list keep up. */
import { SECOND_MS, formatDuration } from "#base/units.ts";
import type { Finding } from "#core/incident/finding.ts";
import type { LaunchId } from "#core/launch/launch.ts";
import type { Policy } from "#core/policy.ts";
import { type ObservedSession, type SessionId, startStepOf } from "#core/session/session.ts";
import type { Clock } from "#ports/clock.ts";
import type { Log } from "#ports/log.ts";
import type { SessionDriver } from "#ports/session-driver.ts";
import { WatchGuard } from "./watch-guard.ts";

export type SessionListener = (before: ObservedSession | null, now: ObservedSession | null) => void;

export interface SessionRegistryDeps {
  readonly driver: SessionDriver;
  readonly clock: Clock;
  readonly log: Log;
  readonly policy: Policy;
  /** Asks for a full list before its time. */
  readonly hurry: () => void;
}

/** A full list that was refused is asked for again so soon. */
const REFUSED_RETRY_MS = 5 * SECOND_MS;
/** One refusal is an accident. */
const OUTAGE_MS = 4 * SECOND_MS;
const HANGS_MS = 15 * SECOND_MS;
const NONE: readonly ObservedSession[] = [];

export class SessionRegistry {
  readonly #deps: SessionRegistryDeps;
  readonly #guard: WatchGuard;
  readonly #sessions = new Map<SessionId, ObservedSession>();
  readonly #byLaunch = new Map<LaunchId, readonly SessionId[]>();
  /** Those that were given to nobody yet. */
  readonly #warm = new Map<SessionId, ObservedSession>();
  readonly #listeners = new Set<SessionListener>();
  readonly #listedListeners = new Set<() => void>();
  /** What changed by itself while a list was under way is newer than the list; one set for each. */
  readonly #listings = new Set<Set<SessionId>>();
  #listed: readonly ObservedSession[] | null = null;
  #epoch = 0;
  #stopHints: (() => void) | null = null;
  #cancelHurry: (() => void) | null = null;
  #refusedSinceMs: number | null = null;
  /** Since when no list has come back that was asked for. */
  #listingSinceMs: number | null = null;

  constructor(deps: SessionRegistryDeps) {
    this.#deps = deps;
    this.#guard = new WatchGuard(deps.clock, deps.policy);
  }

  list(): readonly ObservedSession[] {
    this.#listed ??= [...this.#sessions.values()];
    return this.#listed;
  }

  values(): Iterable<ObservedSession> {
    return this.#sessions.values();
  }

  get size(): number {
    return this.#sessions.size;
  }

  get warmCount(): number {
    return this.#warm.size;
  }

  /** Servers that wait for a person. */
  warm(): Iterable<ObservedSession> {
    return this.#warm.values();
  }

  get(id: SessionId): ObservedSession | null {
    return this.#sessions.get(id) ?? null;
  }

  /** The sessions that were started for this launch: one, unless a start was tried again. */
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

  /** Calls back for every difference, with null for what was or is not there. */
  onChange(listener: SessionListener): void {
    this.#listeners.add(listener);
  }

  /** Calls back after every full list. */
  onListed(listener: () => void): void {
    this.#listedListeners.add(listener);
  }

  /** Follows the driver's hints, from now on anew when it did before. */
  follow(): void {
    const { driver, log } = this.#deps;
    this.#stopHints?.();
    this.#stopHints = driver.onHint((id) => {
      this.#guard.hinted(id);
      this.#look(id, true).catch((error: unknown) => {
        log.warn("a hint led nowhere", { id, error });
      });
    });
  }

  stop(): void {
    this.#stopHints?.();
    this.#stopHints = null;
    this.#cancelHurry?.();
    this.#cancelHurry = null;
  }

  /** Full list-and-diff: the truth, which repairs what a hint lost. */
  async resync(isCurrent: () => boolean): Promise<void> {
    this.#epoch += 1;
    const startedIn = this.#epoch;
    this.#listingSinceMs ??= this.#deps.clock.nowMs();
    const changedSince = new Set<SessionId>();
    this.#listings.add(changedSince);
    try {
      const listed = await this.#deps.driver.list();
      if (!isCurrent() || startedIn !== this.#epoch) return;
      this.#refusedSinceMs = null;
      this.#listingSinceMs = null;
      this.#take(listed, changedSince);
    } catch (error) {
      if (isCurrent()) this.#noteRefusal();
      throw error;
    } finally {
      this.#listings.delete(changedSince);
    }
    this.#judgeWatch();
    for (const listener of this.#listedListeners) listener();
  }

  /** Full lists come back: what is not told of is as it was. */
  get isFresh(): boolean {
    if (this.#refusedSinceMs !== null) return false;
    const sinceMs = this.#listingSinceMs;
    return sinceMs === null || this.#deps.clock.nowMs() - sinceMs < HANGS_MS;
  }

  /** Looks at one session now. */
  refresh(id: SessionId): Promise<ObservedSession | null> {
    return this.#look(id, false);
  }

  findings(): readonly Finding[] {
    const findings = [...this.#guard.findings()];
    const nowMs = this.#deps.clock.nowMs();
    const hangsSinceMs = this.#listingSinceMs ?? nowMs;
    const sinceMs = this.#refusedSinceMs ?? hangsSinceMs;
    const ageMs = nowMs - sinceMs;
    if (ageMs >= (this.#refusedSinceMs === null ? HANGS_MS : OUTAGE_MS)) {
      findings.push({
        cause: "cluster-api-unreachable",
        subject: { kind: "cluster", name: "cluster" },
        severity: "act",
        evidence: `No list of sessions was had for ${formatDuration(ageMs)}; launches wait.`,
        sinceMs,
      });
    }
    return findings;
  }

  #take(listed: readonly ObservedSession[], changedSince: ReadonlySet<SessionId>): void {
    let present = 0;
    for (const session of listed) {
      const { id } = session.record;
      if (changedSince.size === 0 || !changedSince.has(id)) {
        this.#put(session, false);
        present += 1;
      } else if (this.#sessions.has(id)) present += 1;
    }
    if (present === this.#sessions.size) return;
    const seen = new Set(listed.map(({ record }) => record.id));
    for (const id of [...this.#sessions.keys()]) {
      if (!seen.has(id) && !changedSince.has(id)) this.#delete(id, false);
    }
  }

  #judgeWatch(): void {
    const { log, policy } = this.#deps;
    const { isRenewed, nextListMs } = this.#guard.listed();
    if (isRenewed && this.#stopHints !== null) {
      log.warn("changes of sessions came without hints; hints are asked for anew");
      this.follow();
    }
    if (nextListMs < policy.resyncIntervalMs) this.#hurryIn(nextListMs);
  }

  #noteRefusal(): void {
    const { clock, policy } = this.#deps;
    this.#refusedSinceMs ??= clock.nowMs();
    if (REFUSED_RETRY_MS < policy.resyncIntervalMs) this.#hurryIn(REFUSED_RETRY_MS);
  }

  #hurryIn(delayMs: number): void {
    if (this.#stopHints === null) return;
    this.#cancelHurry?.();
    this.#cancelHurry = this.#deps.clock.setTimer(delayMs, () => {
      this.#cancelHurry = null;
      this.#deps.hurry();
    });
  }

  async #look(id: SessionId, isTold: boolean): Promise<ObservedSession | null> {
    const session = await this.#deps.driver.inspect(id);
    if (session === null) this.#delete(id, isTold);
    else this.#put(session, isTold);
    return session;
  }

  #put(session: ObservedSession, isTold: boolean): void {
    const { id, purpose } = session.record;
    const before = this.get(id);
    if (before === session) return;
    this.#sessions.set(id, session);
    this.#listed = null;
    if (purpose === null) this.#warm.set(id, session);
    else if (before === null || before.record.purpose === null) this.#warm.delete(id);
    if (purpose !== null && before?.record.purpose?.launchId !== purpose.launchId) {
      const known = this.#byLaunch.get(purpose.launchId) ?? [];
      if (!known.includes(id)) this.#byLaunch.set(purpose.launchId, [...known, id]);
    }
    if (before !== null && !isDifferent(before, session)) return;
    if (!isTold && (before === null || hasMoved(before, session))) this.#guard.foundOut(id);
    this.#tell(before, session);
  }

  #delete(id: SessionId, isTold: boolean): void {
    const before = this.get(id);
    if (before === null) return;
    this.#sessions.delete(id);
    this.#warm.delete(id);
    this.#listed = null;
    const launchId = before.record.purpose?.launchId;
    if (launchId !== undefined) {
      const left = (this.#byLaunch.get(launchId) ?? []).filter((known) => known !== id);
      if (left.length === 0) this.#byLaunch.delete(launchId);
      else this.#byLaunch.set(launchId, left);
    }
    if (!isTold) this.#guard.foundOut(id);
    this.#tell(before, null);
  }

  #tell(before: ObservedSession | null, now: ObservedSession | null): void {
    const id = (now ?? before)?.record.id;
    if (id !== undefined) for (const changed of this.#listings) changed.add(id);
    for (const listener of this.#listeners) listener(before, now);
  }
}

/** Something that a driver tells of. */
function hasMoved(a: ObservedSession, b: ObservedSession): boolean {
  return a.state.kind !== b.state.kind || a.node !== b.node || startStepOf(a) !== startStepOf(b);
}

function isDifferent(a: ObservedSession, b: ObservedSession): boolean {
  if (a.outOfMemoryKills !== b.outOfMemoryKills) return true;
  if (a.state === b.state && a.node === b.node && a.record === b.record) return false;
  return (
    hasMoved(a, b) ||
    a.record.claimedAtMs !== b.record.claimedAtMs ||
    a.record.endsAtMs !== b.record.endsAtMs
  );
}
