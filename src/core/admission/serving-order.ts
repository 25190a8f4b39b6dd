/**
 * The order in which those who wait are served: repositories take turns, and inside a repository
 * addresses take turns. Who comes anew takes its first turn after the round that is under way, so
 * that nobody is passed over for ever. In one round whoever holds fewer seats is first, then age.
 */
import type { HeldSeats, SeatWish } from "./seat-wish.ts";

export interface ClientLine {
  readonly client: string | null;
  /** Number of the round in which it is served next. */
  readonly turn: number;
  /** Oldest first, never empty. */
  readonly wishes: ReadonlyMap<string, SeatWish>;
}

export interface RepoLine {
  readonly repoKey: string;
  readonly turn: number;
  readonly size: number;
  readonly clients: ReadonlyMap<string | null, ClientLine>;
}

type Held = Pick<HeldSeats, "ofRepo" | "ofClient">;

interface Ranked {
  readonly turn: number;
  readonly held: number;
  readonly wish: SeatWish;
}

/** The first in the order who may have a seat. */
export function nextOf(
  lines: Iterable<RepoLine>,
  held: Held,
  isFair: boolean,
  may: {
    readonly repo: (repoKey: string) => boolean;
    readonly wish: (wish: SeatWish) => boolean;
  },
): SeatWish | null {
  const isBefore = isFair ? isBeforeFairly : isOlder;
  let best: Ranked | null = null;
  for (const line of lines) {
    if (!may.repo(line.repoKey)) continue;
    const repo = { turn: line.turn, held: held.ofRepo(line.repoKey) };
    let first: Ranked | null = null;
    for (const client of line.clients.values()) {
      const [wish] = client.wishes.values();
      if (wish === undefined) continue;
      const ranked = { turn: client.turn, held: heldBy(client.client, held), wish };
      if ((first === null || isBefore(ranked, first)) && may.wish(wish)) first = ranked;
    }
    if (first === null) continue;
    const ranked = { ...repo, wish: first.wish };
    if (best === null || isBefore(ranked, best)) best = ranked;
  }
  return best?.wish ?? null;
}

/** All who wait, in the order in which they would be served if every seat suited everybody. */
export function servingOrder(
  lines: Iterable<RepoLine>,
  held: Held,
  isFair: boolean,
): readonly SeatWish[] {
  const all: Ranked[] = [];
  for (const line of lines) {
    const heldByRepo = held.ofRepo(line.repoKey);
    const wishes = isFair ? orderInside(line, held) : wishesOf(line);
    wishes.forEach((wish, served) =>
      all.push({ turn: line.turn + served, held: heldByRepo + served, wish }),
    );
  }
  const isBefore = isFair ? isBeforeFairly : isOlder;
  all.sort((a, b) => (isBefore(a, b) ? -1 : 1));
  return all.map(({ wish }) => wish);
}

/**
 * The place in `servingOrder`, from 1, of the wish that came last of all, without ordering the
 * others: thousands may come at once.
 */
export function placeOfNewest(
  wish: Pick<SeatWish, "repoKey" | "client">,
  lines: ReadonlyMap<string, RepoLine>,
  held: Held,
  isFair: boolean,
): number {
  const own = lines.get(wish.repoKey);
  if (own === undefined || !isFair) return sizeOf(lines.values());
  const inside = placeInside(wish.client, own, held);
  const turn = own.turn + inside - 1;
  const seats = held.ofRepo(own.repoKey) + inside - 1;
  let place = inside;
  for (const line of lines.values()) {
    if (line !== own) place += countBefore(line, held.ofRepo(line.repoKey), turn, seats);
  }
  return place;
}

/** The place of the newest wish of a client among those of its own repository, from 1. */
function placeInside(client: string | null, line: RepoLine, held: Held): number {
  const own = line.clients.get(client);
  if (own === undefined || line.clients.size === 1) return line.size;
  const served = own.wishes.size - 1;
  const turn = own.turn + served;
  const seats = heldBy(client, held) + served;
  let place = own.wishes.size;
  for (const other of line.clients.values()) {
    if (other === own) continue;
    const entry = { turn: other.turn, size: other.wishes.size };
    place += countBefore(entry, heldBy(other.client, held), turn, seats);
  }
  return place;
}

/** How many of a line go before somebody younger who is served in round `turn` and holds `seats` then. */
function countBefore(
  line: { readonly turn: number; readonly size: number },
  held: number,
  turn: number,
  seats: number,
): number {
  const rounds = turn - line.turn;
  if (rounds < 0) return 0;
  if (rounds >= line.size) return line.size;
  return held + rounds <= seats ? rounds + 1 : rounds;
}

function sizeOf(lines: Iterable<RepoLine>): number {
  let size = 0;
  for (const line of lines) size += line.size;
  return size;
}

function orderInside(line: RepoLine, held: Held): readonly SeatWish[] {
  if (line.clients.size === 1) return wishesOf(line);
  const all: Ranked[] = [];
  for (const { client, turn, wishes } of line.clients.values()) {
    const seats = heldBy(client, held);
    let served = 0;
    for (const wish of wishes.values()) {
      all.push({ turn: turn + served, held: seats + served, wish });
      served += 1;
    }
  }
  return all.sort((a, b) => (isBeforeFairly(a, b) ? -1 : 1)).map(({ wish }) => wish);
}

function wishesOf(line: RepoLine): SeatWish[] {
  return [...line.clients.values()].flatMap(({ wishes }) => [...wishes.values()]);
}

/** The machine's own user is nobody's rival. */
function heldBy(client: string | null, held: Held): number {
  return client === null ? 0 : held.ofClient(client);
}

function isBeforeFairly(a: Ranked, b: Ranked): boolean {
  if (a.turn !== b.turn) return a.turn < b.turn;
  if (a.held !== b.held) return a.held < b.held;
  return isOlderWish(a.wish, b.wish);
}

function isOlder(a: Ranked, b: Ranked): boolean {
  return isOlderWish(a.wish, b.wish);
}

function isOlderWish(a: SeatWish, b: SeatWish): boolean {
  return a.sinceMs < b.sinceMs || (a.sinceMs === b.sinceMs && a.launchId < b.launchId);
}
