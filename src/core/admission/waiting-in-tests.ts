/** People who wait, and seats that are held, as the tables of admission write them. */
import type { HeldSeats, SeatWish } from "./seat-wish.ts";
import type { ClientLine, RepoLine } from "./serving-order.ts";

export function wish(launchId: string, over: Partial<SeatWish> = {}): SeatWish {
  const base = { repoKey: "r", client: null, isCanary: false, sinceMs: 0 };
  return { launchId, ...base, ...over };
}

export function heldOf(held: {
  readonly people?: number;
  readonly canaries?: number;
  readonly repos?: Readonly<Record<string, number>>;
  readonly clients?: Readonly<Record<string, number>>;
}): HeldSeats {
  return {
    people: held.people ?? 0,
    canaries: held.canaries ?? 0,
    ofRepo: (repoKey) => held.repos?.[repoKey] ?? 0,
    ofClient: (client) => held.clients?.[client] ?? 0,
  };
}

/** Lines in which nobody was served yet; `turns` says which repositories have their turn later. */
export function linesOf(
  wishes: readonly SeatWish[],
  turns: Readonly<Record<string, number>> = {},
): ReadonlyMap<string, RepoLine> {
  const lines = new Map<string, RepoLine>();
  for (const repoKey of new Set(wishes.map((one) => one.repoKey))) {
    const ours = wishes.filter((one) => one.repoKey === repoKey);
    const clients = new Map<string | null, ClientLine>();
    for (const client of new Set(ours.map((one) => one.client))) {
      const theirs = ours.filter((one) => one.client === client);
      const wishesById = new Map(theirs.map((one) => [one.launchId, one]));
      clients.set(client, { client, turn: turns[client ?? ""] ?? 1, wishes: wishesById });
    }
    lines.set(repoKey, { repoKey, turn: turns[repoKey] ?? 1, size: ours.length, clients });
  }
  return lines;
}
