/** Holds the lease or waits for it: begins to decide when it is held, stops before another can. */
import {
  decideLeadership,
  held,
  type LeadershipState,
  type LeaseLook,
  leadsUntilMs,
  NOT_LEADING,
} from "#core/leadership/decide-leadership.ts";
import type { LeaseRecord } from "#core/leadership/lease.ts";
import type { Policy } from "#core/policy.ts";
import type { Clock } from "#ports/clock.ts";
import type { LeaseStore, VersionedLease } from "#ports/lease.ts";
import type { Log } from "#ports/log.ts";

export interface LeaderDeps {
  readonly lease: LeaseStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly policy: Pick<Policy, "leaderLeaseMs">;
  /** Different for every process. */
  readonly me: string;
  /** `term` grows with every new leader. */
  readonly onLead: (term: number) => void;
  /** Everything that decides must be silent when it returns. */
  readonly onStepDown: () => void;
}

/** A lease is renewed, and looked at, so many times before it would end. */
const LOOKS_PER_LEASE = 3;
const LOOK_MAX_MS = 5_000;

export class Leader {
  readonly #deps: LeaderDeps;
  #state: LeadershipState = NOT_LEADING;
  #written: VersionedLease | null = null;
  #round = 0;
  #isStopped = false;
  #cancelRound: (() => void) | null = null;
  #cancelStepDown: (() => void) | null = null;

  constructor(deps: LeaderDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#next();
  }

  get isLeading(): boolean {
    return this.#state.isLeading;
  }

  /** Gives the lease back, so that another need not wait for its end. */
  async stop(): Promise<void> {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#round += 1;
    this.#cancelRound?.();
    const wasLeading = this.#state.isLeading;
    const written = this.#written;
    this.#stepDown("it is being stopped");
    if (!wasLeading || written === null) return;
    const freed = { ...written.record, holder: null };
    if ((await this.#write(freed, written.version)) !== null) return;
    // A renewal that was under way has come first.
    const look = await this.#read();
    if (look?.record?.holder === this.#deps.me) await this.#write(freed, look.version);
  }

  /** The process is gone without a word: nothing is given back. */
  crash(): void {
    this.#isStopped = true;
    this.#round += 1;
    this.#cancelRound?.();
    this.#cancelStepDown?.();
    this.#state = NOT_LEADING;
  }

  #next(): void {
    if (this.#isStopped) return;
    const { clock, policy } = this.#deps;
    this.#round += 1;
    const round = this.#round;
    const everyMs = Math.min(LOOK_MAX_MS, policy.leaderLeaseMs / LOOKS_PER_LEASE);
    // The next one comes even when the store never answers this one.
    this.#cancelRound = clock.setTimer(everyMs, () => this.#next());
    void this.#look(() => round === this.#round && !this.#isStopped);
  }

  async #look(isCurrent: () => boolean): Promise<void> {
    const { clock, me, policy } = this.#deps;
    const look = await this.#read();
    if (!isCurrent()) return;
    const nowMs = clock.monotonicMs();
    const decision = decideLeadership(this.#state, look, me, policy, nowMs);
    if (decision.hasToStepDown) this.#stepDown("the lease was lost");
    this.#state = decision.next;
    if (decision.write === null || look === null) return;
    const version = await this.#write(decision.write, look.version);
    if (version === null || !isCurrent()) return;
    const state = held(this.#state, version, nowMs);
    // A write that took longer than the lease holds is worth nothing.
    if (clock.monotonicMs() >= leadsUntilMs(state, policy)) return;
    this.#hold(state, { record: decision.write, version });
  }

  #hold(state: LeadershipState, written: VersionedLease): void {
    const { clock, log, onLead, policy } = this.#deps;
    const isNew = !this.#state.isLeading;
    this.#state = state;
    this.#written = written;
    this.#cancelStepDown?.();
    const leftMs = leadsUntilMs(state, policy) - clock.monotonicMs();
    this.#cancelStepDown = Number.isFinite(leftMs)
      ? clock.setTimer(leftMs, () => this.#expire())
      : null;
    if (!isNew) return;
    log.info("this process leads now", { term: written.record.term });
    onLead(written.record.term);
  }

  #expire(): void {
    // A renewal that is still under way belongs to a term that is over.
    this.#round += 1;
    this.#stepDown("the lease could not be renewed in time");
  }

  #stepDown(because: string): void {
    this.#cancelStepDown?.();
    this.#cancelStepDown = null;
    if (!this.#state.isLeading) return;
    this.#state = { ...NOT_LEADING, seen: this.#state.seen };
    this.#deps.log.warn("this process does not lead any more", { because });
    this.#deps.onStepDown();
  }

  async #read(): Promise<LeaseLook> {
    try {
      const found = await this.#deps.lease.get();
      return found ?? { version: null, record: null };
    } catch (error) {
      this.#deps.log.debug("the lease could not be read", { error });
      return null;
    }
  }

  async #write(record: LeaseRecord, version: string | null): Promise<string | null> {
    try {
      return await this.#deps.lease.update(record, version);
    } catch (error) {
      this.#deps.log.debug("the lease could not be written", { error });
      return null;
    }
  }
}
