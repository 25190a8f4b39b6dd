/** What must hold of every accepted launch: it ends, in time, in a session or in a reason; no restart loses it. */
import { formatDuration, MINUTE_MS, SECOND_MS } from "#base/units.ts";
import type { ControlPlane } from "#control/control-plane-api.ts";
import { ERRORS, type ErrorCode, type Failure } from "#core/errors.ts";
import type { LaunchEvent, LaunchId } from "#core/launch/launch.ts";
import { launchLimitMaxMs } from "#core/launch/launch-limit.ts";
import type { Policy } from "#core/policy.ts";
import type { VirtualClock } from "./virtual-clock.ts";
import type { Violations } from "./violations.ts";

interface Parts {
  readonly clock: VirtualClock;
  readonly policy: Policy;
  readonly violations: Violations;
  /** Null: it is there and has not ended, or did so a moment ago. */
  readonly goneSession: (id: string) => string | null;
}

/** A restart delays launches by no more. */
const TAKE_UP_MS = 5 * SECOND_MS;
const LATE_MS = MINUTE_MS;
/** Events that move a launch on are told beyond the limit of its log. */
const NEWS_MAX = 200;
/** Nobody but a restart of ours is behind these. */
const LOST: ReadonlySet<ErrorCode> = new Set([
  "build-interrupted",
  "launch-not-found",
  "server-restarting",
  "session-not-found",
] as const);

export class LaunchInvariants {
  readonly #parts: Parts;
  /** Launches that have not ended and that somebody wants, and when they were accepted last. */
  readonly #accepted = new Map<LaunchId, number>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  accepted(id: LaunchId, isNew: boolean): void {
    if (isNew || !this.#accepted.has(id)) this.#accepted.set(id, this.#parts.clock.nowMs());
  }

  /** 5: what was accepted stays so. */
  refused(id: LaunchId, { code }: Failure): void {
    if (!this.#accepted.delete(id)) return;
    this.#parts.violations.add(5, `${id} was accepted, and is refused after a restart: ${code}`);
  }

  /** Whoever wanted it has gone. */
  cancelled(id: LaunchId): void {
    this.#accepted.delete(id);
  }

  heard(id: LaunchId, { failure, number, phase, result }: LaunchEvent): void {
    const { goneSession, policy, violations } = this.#parts;
    const eventsMax = policy.launchEventsMax + policy.buildLogLinesMax + NEWS_MAX;
    if (number === eventsMax + 1) violations.add(7, `${id} has more than ${eventsMax} events`);
    if (phase !== "ready" && phase !== "failed") return;
    if (!this.#accepted.delete(id)) return;
    if (phase === "failed") {
      this.#judgeFailure(id, failure);
      return;
    }
    const sessionId = result?.sessionId ?? null;
    const gone = sessionId === null ? null : goneSession(sessionId);
    if (gone !== null) violations.add(3, `${id} is sent to ${sessionId}, which ${gone}`);
  }

  /** 5: the control plane is another one now; soon it knows everybody who waits. */
  serving(plane: ControlPlane, isStillServing: () => boolean): void {
    const { clock, violations } = this.#parts;
    const waiting = [...this.#accepted.keys()];
    if (waiting.length === 0) return;
    clock.setTimer(TAKE_UP_MS, () => {
      if (!isStillServing()) return;
      for (const id of waiting) {
        if (!this.#accepted.has(id) || plane.launches.get(id) !== null) continue;
        violations.add(5, `${id} is not taken up ${formatDuration(TAKE_UP_MS)} after a restart`);
      }
    });
  }

  /** 1: nobody waits for longer than the policy allows. */
  looked(): void {
    const { clock, policy, violations } = this.#parts;
    const limitMs = launchLimitMaxMs(policy) + LATE_MS;
    for (const [id, atMs] of this.#accepted) {
      const ageMs = clock.nowMs() - atMs;
      // In the order in which they were accepted.
      if (ageMs <= limitMs) break;
      this.#accepted.delete(id);
      violations.add(1, `${id} goes on for ${formatDuration(ageMs)}`);
    }
  }

  /** 1 and 7: also what nobody waits for any more ends, and what has ended is forgotten. */
  lookedClosely(plane: ControlPlane): void {
    const { clock, policy, violations } = this.#parts;
    const { launchesKeptMax, queueMax } = policy;
    const launches = plane.launches.list();
    if (launches.length > launchesKeptMax + queueMax) {
      violations.add(7, `${launches.length} launches are kept, of at most ${launchesKeptMax}`);
    }
    for (const { endedAtMs, id, submittedAtMs } of launches) {
      const ageMs = clock.nowMs() - submittedAtMs;
      if (endedAtMs !== null || ageMs <= launchLimitMaxMs(policy) + LATE_MS) continue;
      violations.add(1, `${id}, wanted or not, is under way for ${formatDuration(ageMs)}`);
      return;
    }
  }

  /** 1: whose fault it is, and what to do next. */
  #judgeFailure(id: LaunchId, failure: Failure | undefined): void {
    const { violations } = this.#parts;
    const known = failure === undefined ? undefined : ERRORS[failure.code];
    if (failure === undefined || known === undefined || failure.code === "internal") {
      violations.add(1, `${id} failed for no reason of the catalogue: ${failure?.message}`);
      return;
    }
    if (failure.fault !== known.fault || failure.next === "") {
      violations.add(1, `${id} failed with ${failure.code} and does not say what to do next`);
    }
    if (LOST.has(failure.code) || failure.code === "launch-cancelled") {
      violations.add(5, `${id} was wanted and is lost: ${failure.code}, ${failure.message}`);
    }
  }
}
