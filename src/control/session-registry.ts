/** The sessions as last observed: the driver is asked, hints and a periodic full list keep up. */
import { SECOND_MS, formatDuration } from "#base/units.ts";
import type { Finding } from "#core/incident/finding.ts";
import type { LaunchId } from "#core/launch/launch.ts";
import type { Policy } from "#core/policy.ts";
import { type ObservedSession, type SessionId, startStepOf } from "#core/session/session.ts";
import type { Clock } from "#ports/clock.ts";
import type { Log } from "#ports/log.ts";
import type { SessionDriver } from "#ports/session-driver.ts";
import { SessionIndex } from "./session-index.ts";
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
  readonly #index = new SessionIndex();
  readonly #listeners = new Set<SessionListener>();
  readonly #listedListeners = new Set<() => void>();
  /** What changed by itself while a list was under way is newer than the list; one set for each. */
  readonly #listings = new Set<Set<SessionId>>();
  /** As the driver gave it, and what was looked at since: that may be newer. */
  #lastList: readonly ObservedSession[] = NONE;
  #lookedAt = new Set<SessionId>();
  /** Told of just now, and about to be looked at. */
  readonly #hinted = new Set<SessionId>();
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
    return this.#index.list();
  }

  values(): Iterable<ObservedSession> {
    return this.#index.values();
  }

  get size(): number {
    return this.#index.size;
  }

  get warmCount(): number {
    return this.#index.warmCount;
  }

  /** Servers that wait for a person. */
  warm(): Iterable<ObservedSession> {
    return this.#index.warm();
  }

  /** Sessions that have ended and were not cleared away. */
  ended(): Iterable<ObservedSession> {
    return this.#index.ended();
  }

  get(id: SessionId): ObservedSession | null {
    return this.#index.get(id);
  }

  /** The sessions that were started for this launch: one, unless a start was tried again. */
  ofLaunch(id: LaunchId): readonly ObservedSession[] {
    return this.#index.ofLaunch(id);
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
    const { driver } = this.#deps;
    this.#stopHints?.();
    this.#stopHints = driver.onHint((id) => {
      this.#guard.hinted(id);
      this.#hinted.add(id);
      // Several hints at once about one session are one.
      if (this.#hinted.size === 1) queueMicrotask(() => this.#followHints());
    });
  }

  #followHints(): void {
    const { log } = this.#deps;
    const ids = [...this.#hinted];
    this.#hinted.clear();
    for (const id of ids) {
      this.#look(id, true).catch((error: unknown) => {
        log.warn("a hint led nowhere", { id, error });
      });
    }
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
    const before = this.#lastList;
    const looked = this.#lookedAt;
    this.#lastList = listed;
    this.#lookedAt = new Set(changedSince);
    for (const id of changedSince) looked.delete(id);
    for (let place = 0; place < listed.length; place += 1) {
      const session = listed[place];
      // Most of them are as they were in the last list, at the same place.
      if (session === undefined || session === before[place]) continue;
      const { id } = session.record;
      looked.delete(id);
      if (!changedSince.has(id)) this.#put(session, false);
    }
    if (listed.length !== this.#index.size || !this.#areListed(looked, listed)) {
      this.#takeEach(listed, changedSince);
    }
  }

  /** What a look saw otherwise, and the list as before, is to be put right. */
  #areListed(ids: Iterable<SessionId>, listed: readonly ObservedSession[]): boolean {
    for (const id of ids) {
      const session = this.#index.get(id);
      if (session !== null && !listed.includes(session)) return false;
    }
    return true;
  }

  /** Whatever is not as the list has it. */
  #takeEach(listed: readonly ObservedSession[], changedSince: ReadonlySet<SessionId>): void {
    const seen = new Set<SessionId>();
    for (const session of listed) {
      const { id } = session.record;
      seen.add(id);
      if (!changedSince.has(id)) this.#put(session, false);
    }
    for (const id of this.#index.ids()) {
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

  #look(id: SessionId, isTold: boolean): Promise<ObservedSession | null> {
    return this.#deps.driver.inspect(id).then((session) => {
      this.#lookedAt.add(id);
      if (session === null) this.#delete(id, isTold);
      else this.#put(session, isTold);
      return session;
    });
  }

  #put(session: ObservedSession, isTold: boolean): void {
    const { id } = session.record;
    const before = this.#index.get(id);
    if (before === session) return;
    this.#index.put(session, before);
    if (before !== null && !isDifferent(before, session)) return;
    if (!isTold && (before === null || hasMoved(before, session))) this.#guard.foundOut(id);
    this.#tell(before, session);
  }

  #delete(id: SessionId, isTold: boolean): void {
    const before = this.#index.get(id);
    if (before === null) return;
    this.#index.delete(before);
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
