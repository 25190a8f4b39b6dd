/** What a launch is decided upon: its sessions, its seat, its place among those without a machine. */
import type { LaunchId } from "#core/launch/launch.ts";
import type { LaunchObserved } from "#core/launch/launch-stage.ts";
import type { KeptLaunch } from "./kept-launch.ts";
import type { Seats } from "./seats.ts";
import type { SessionRegistry } from "./session-registry.ts";
import type { StartTimes } from "./start-times.ts";

interface LaunchSightDeps {
  readonly registry: SessionRegistry;
  readonly seats: Seats;
  readonly placementWaitMs: (position: number) => number | null;
}

const NO_SEAT = { kind: "none" } as const;
const NOT_WAITING = { position: 1, waitMs: null } as const;

export class LaunchSight {
  readonly #deps: LaunchSightDeps;
  readonly #startTimes: StartTimes;
  /** Launches whose session waits for a machine, in order. */
  readonly #unplaced = new Set<LaunchId>();

  constructor(deps: LaunchSightDeps, startTimes: StartTimes) {
    this.#deps = deps;
    this.#startTimes = startTimes;
  }

  of({ isCancelled, state, wish }: KeptLaunch): LaunchObserved {
    const { registry, seats } = this.#deps;
    const { stage } = state;
    const sessions = registry.ofLaunch(wish.id);
    const isPlaced = sessions.every(
      ({ node, state: { kind } }) => node !== null || kind === "ended",
    );
    return {
      sessions,
      seat: stage.kind === "seating" ? seats.of(wish.id) : NO_SEAT,
      placement: isPlaced ? NOT_WAITING : this.#placementOf(wish.id),
      hasSpareSeat: stage.kind !== "probing" || seats.hasSpare(wish.id),
      startP95Ms: this.#startTimes.p95Ms,
      isCancelled,
    };
  }

  /** After each decision: who has a machine does not stand before others any more. */
  follow({ state: { stage }, wish }: KeptLaunch): void {
    const isUnplaced = stage.kind === "probing" && stage.tries.every(({ node }) => node === null);
    if (!isUnplaced) this.#unplaced.delete(wish.id);
  }

  #placementOf(id: LaunchId): LaunchObserved["placement"] {
    this.#unplaced.add(id);
    let position = 1;
    for (const other of this.#unplaced) {
      if (other === id) break;
      position += 1;
    }
    return { position, waitMs: this.#deps.placementWaitMs(position) };
  }
}
