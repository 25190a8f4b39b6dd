/** Whether a wish may have a seat now, and who is next of those who wait: limits are exact. */
import { nextOf, type RepoLine } from "./serving-order.ts";
import type { HeldSeats, Obstacle, SeatLimits, SeatWish } from "./seat-wish.ts";

/**
 * Null when there is a seat for the wish. Canaries that hold more than the seats kept for them count
 * against people; the limits of repositories and addresses are not for canaries.
 */
export function obstacleTo(
  wish: Pick<SeatWish, "repoKey" | "client" | "isCanary">,
  held: HeldSeats,
  limits: SeatLimits,
): Obstacle | null {
  if (wish.isCanary) {
    if (held.canaries < limits.canarySeats) return null;
    const used = held.people + held.canaries - limits.canarySeats;
    return used < limits.peopleMax ? null : "full";
  }
  if (isFull(held, limits)) return "full";
  if (held.ofRepo(wish.repoKey) >= limits.perRepoMax) return "repo";
  if (wish.client !== null && held.ofClient(wish.client) >= limits.perClientMax) return "client";
  return null;
}

/** No person can get a seat, whatever the repository. */
export function isFull(
  held: Pick<HeldSeats, "people" | "canaries">,
  limits: Pick<SeatLimits, "peopleMax" | "canarySeats">,
): boolean {
  const lent = Math.max(0, held.canaries - limits.canarySeats);
  return held.people + lent >= limits.peopleMax;
}

/**
 * The person who gets the next seat, or null when none can have one. Whoever has used his share is
 * passed over and does not hold up the others behind him.
 */
export function decideNext(
  lines: Iterable<RepoLine>,
  held: HeldSeats,
  limits: SeatLimits,
  isFair: boolean,
): SeatWish | null {
  if (isFull(held, limits)) return null;
  return nextOf(lines, held, isFair, {
    repo: (repoKey) => held.ofRepo(repoKey) < limits.perRepoMax,
    wish: (wish) => obstacleTo(wish, held, limits) === null,
  });
}
