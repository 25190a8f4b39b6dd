/** The pretend staging: launches of the gate there, as the release that runs on it makes them. */
import { SECOND_MS } from "#base/units.ts";
import type { Prng } from "#base/prng.ts";
import type { GateCanary } from "#core/release/release.ts";
import type { StagingGate } from "#ports/platform.ts";
import type { WorldContext } from "./context.ts";
import type { PretendReleases } from "./releases.ts";

export interface StagingParts {
  readonly releases: PretendReleases;
  readonly imagePullMs: number;
  readonly sessionStartMs: number;
  /** No seat is left for people. */
  readonly isFull: () => boolean;
  /** Seats that are kept for canaries. */
  readonly seats: () => number;
  /** What a canary was told, and whether its session answered by then. */
  readonly told?: (isTooEarly: boolean) => void;
}

/** A release that does not poll says ready after this time, come what may. */
const READY_WITHOUT_POLL_MS = 10 * SECOND_MS;
const SEAT_LOOK_MS = 1 * SECOND_MS;

export class PretendStaging implements StagingGate {
  readonly #clock: WorldContext["clock"];
  readonly #prng: Prng;
  readonly #parts: StagingParts;
  #used = 0;

  constructor({ clock, prng }: Pick<WorldContext, "clock" | "prng">, parts: StagingParts) {
    this.#clock = clock;
    this.#prng = prng.fork("staging");
    this.#parts = parts;
  }

  async canary(kind: GateCanary["kind"], signal: AbortSignal): Promise<GateCanary> {
    const { imagePullMs, releases, seats, sessionStartMs, told } = this.#parts;
    const failed = { kind, hasReached: false, wasToldTooEarly: false };
    while (this.#parts.isFull() && this.#used >= seats()) {
      if (signal.aborted) return { ...failed, because: "given up" };
      await this.#clock.sleep(SEAT_LOOK_MS);
    }
    this.#used += 1;
    const startMs = this.#prng.jitter(sessionStartMs, 0.3);
    const answersMs = startMs + (kind === "cold" ? this.#prng.jitter(imagePullMs, 0.2) : 0);
    await this.#clock.sleep(answersMs);
    this.#used -= 1;
    const { release, traits } = releases.running("staging");
    const isTooEarly = traits.readyBeforePoll && answersMs > READY_WITHOUT_POLL_MS;
    told?.(isTooEarly);
    if (!isTooEarly) return { ...failed, hasReached: true, because: null };
    const early = ((answersMs - READY_WITHOUT_POLL_MS) / SECOND_MS).toFixed(1);
    const because = `${release} said ready ${early} s before the session answered: 403`;
    return { ...failed, wasToldTooEarly: true, because };
  }
}
