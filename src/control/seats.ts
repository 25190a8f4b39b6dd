/** Who sits and who waits: one place decides, synchronously, so that a limit is never passed. */
import {
  decideAdmission,
  estimateWaitMs,
  type SeatWish,
} from "#core/admission/decide-admission.ts";
import type { LaunchId } from "#core/launch/launch.ts";
import type { LaunchObserved } from "#core/launch/launch-stage.ts";
import type { Policy } from "#core/policy.ts";
import type { ObservedSession } from "#core/session/session.ts";
import type { Clock } from "#ports/clock.ts";

const RELEASES_KEPT = 20;

export interface SeatsDeps {
  readonly clock: Clock;
  readonly policy: Policy;
  /** Every session that holds a seat by being there. */
  readonly sessions: () => readonly ObservedSession[];
  readonly repoKeyOf: (session: ObservedSession) => string;
  /** The launch was admitted, or its place has changed. */
  readonly wake: (launchId: LaunchId) => void;
}

export class Seats {
  readonly #deps: SeatsDeps;
  /** Admitted launches whose session may not be visible yet. */
  readonly #reserved = new Map<LaunchId, SeatWish>();
  readonly #waiting = new Map<LaunchId, SeatWish>();
  #positions: ReadonlyMap<LaunchId, number> = new Map();
  #releasesAtMs: number[] = [];

  constructor(deps: SeatsDeps) {
    this.#deps = deps;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** Sessions and reservations together, each launch counted once. */
  get taken(): number {
    return this.#taken().length;
  }

  ask(wish: SeatWish): void {
    if (this.#reserved.has(wish.launchId) || this.#waiting.has(wish.launchId)) return;
    this.#waiting.set(wish.launchId, wish);
    this.decide();
  }

  /** The launch has ended: what it holds beside its session is free again. */
  release(launchId: LaunchId): void {
    const hadAny = this.#reserved.delete(launchId) || this.#waiting.delete(launchId);
    if (hadAny) this.decide();
  }

  /** A session that held a seat has ended. */
  noteRelease(): void {
    this.#releasesAtMs.push(this.#deps.clock.nowMs());
    this.#releasesAtMs = this.#releasesAtMs.slice(-RELEASES_KEPT);
    this.decide();
  }

  of(launchId: LaunchId): LaunchObserved["seat"] {
    if (this.#reserved.has(launchId)) return { kind: "taken" };
    if (!this.#waiting.has(launchId)) return { kind: "none" };
    const position = this.#positions.get(launchId) ?? this.#waiting.size;
    const waitMs = estimateWaitMs(position, this.#releasesAtMs, this.#deps.clock.nowMs());
    return { kind: "waiting", position, waitMs };
  }

  decide(): void {
    if (this.#waiting.size === 0) return;
    const before = this.#positions;
    const taken = this.#taken();
    const waiting = [...this.#waiting.values()];
    const { admitted, positions } = decideAdmission(taken, waiting, this.#deps.policy);
    this.#positions = positions;
    for (const id of admitted) {
      const wish = this.#waiting.get(id);
      if (wish === undefined) continue;
      this.#waiting.delete(id);
      this.#reserved.set(id, wish);
    }
    for (const id of admitted) this.#deps.wake(id);
    for (const [id, position] of positions) if (before.get(id) !== position) this.#deps.wake(id);
  }

  #taken(): SeatWish[] {
    const taken = new Map(this.#reserved);
    for (const session of this.#deps.sessions()) {
      const { purpose, claimedAtMs } = session.record;
      if (purpose === null || session.state.kind === "ended") continue;
      const { launchId } = purpose;
      const repoKey = this.#deps.repoKeyOf(session);
      taken.set(launchId, { launchId, repoKey, sinceMs: claimedAtMs ?? 0 });
    }
    return [...taken.values()];
  }
}
