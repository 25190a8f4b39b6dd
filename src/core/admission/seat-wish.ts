/** Somebody who wants or has a seat, and what is held and may be held of seats. */

/** `repoKey` is the same for every way of naming one repository. */
export interface SeatWish {
  readonly launchId: string;
  readonly repoKey: string;
  /** Null for the machine's own user, who is not limited by address. */
  readonly client: string | null;
  readonly isCanary: boolean;
  readonly sinceMs: number;
}

/** Seats held now: sessions and reservations together. */
export interface HeldSeats {
  readonly people: number;
  readonly canaries: number;
  ofRepo(repoKey: string): number;
  ofClient(client: string): number;
}

export interface SeatLimits {
  readonly peopleMax: number;
  /** Beyond `peopleMax`. */
  readonly canarySeats: number;
  readonly perRepoMax: number;
  readonly perClientMax: number;
}

/** What keeps a wish from a seat now. */
export type Obstacle = "full" | "repo" | "client";
