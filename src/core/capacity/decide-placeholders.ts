/** How many seats are held for people to come, so that machines are started before seats run out. */
import { MINUTE_MS, SECOND_MS } from "#base/units.ts";
import type { Policy } from "../policy.ts";
import type { ClusterSeats } from "./count-seats.ts";

export interface PlaceholderState {
  /** Held for people to come, without those for people who wait already. */
  readonly reserve: number;
  /** Since when less was needed, and the most that was needed since. */
  readonly lower: { readonly sinceMs: number; readonly most: number } | null;
}

export interface PlaceholderNeed {
  readonly seats: Pick<ClusterSeats, "free" | "coming" | "possible">;
  /** People who wait for a seat because none is there. */
  readonly waiting: number;
  /** Sessions that no machine has room for. */
  readonly pending: number;
  readonly arrivalsPerMs: number;
  readonly bootMs: number;
  /** Seats of bookings that are due and not taken yet. */
  readonly booked: number;
}

export interface PlaceholderDecision {
  readonly next: PlaceholderState;
  readonly count: number;
  /** For people: the numbers that it rests on. */
  readonly because: string;
}

type PlaceholderPolicy = Pick<Policy, "placeholdersMax" | "placeholdersMin" | "placeholdersKeptMs">;

/**
 * A placeholder that finds no seat makes the cluster start a machine. The budget is for people to
 * come; for those who wait already, and for bookings, there is one each. None where the cluster
 * cannot grow and people need every seat.
 */
export function decidePlaceholders(
  state: PlaceholderState,
  need: PlaceholderNeed,
  policy: PlaceholderPolicy,
  nowMs: number,
): PlaceholderDecision {
  if (policy.placeholdersMax === 0) {
    return { next: { reserve: 0, lower: null }, count: 0, because: "placeholders are off" };
  }
  const ahead = neededAhead(need);
  const wanted = Math.min(policy.placeholdersMax, Math.max(policy.placeholdersMin, ahead.count));
  const next = follow(state, wanted, policy, nowMs);
  const { booked, pending, seats, waiting } = need;
  const growth = seats.coming + seats.possible - pending;
  const missing = waiting + pending;
  if (growth <= 0 && missing > 0) {
    const because = `${missing} wait, ${seats.free} seats free, and no machine can be added: no placeholders`;
    return { next, count: 0, because };
  }
  const room = Math.max(0, seats.free + growth);
  const count = Math.min(room, next.reserve + booked + waiting);
  const because = `${seats.free} seats free; ${ahead.words}${extra(booked, "booked")}${extra(waiting, "waiting")}: ${count} placeholders${bringing(count, seats.free)}`;
  return { next, count, because };
}

/** Who comes while a machine boots, and a margin for chance. */
function neededAhead({ arrivalsPerMs, bootMs }: PlaceholderNeed) {
  const mean = arrivalsPerMs * bootMs;
  const margin = Math.ceil(Math.sqrt(mean));
  const perMinute = Math.round(arrivalsPerMs * MINUTE_MS * 10) / 10;
  const arrivals = `${perMinute} arrivals/min × ${Math.round(bootMs / SECOND_MS)} s boot`;
  const count = Math.ceil(mean) + margin;
  return { count, words: `${arrivals} = ${Math.ceil(mean)} and ${margin} for chance` };
}

/** More at once; less only when less was needed for a while. */
function follow(
  { lower, reserve }: PlaceholderState,
  wanted: number,
  { placeholdersKeptMs }: PlaceholderPolicy,
  nowMs: number,
): PlaceholderState {
  if (wanted >= reserve) return { reserve: wanted, lower: null };
  const since = lower ?? { sinceMs: nowMs, most: wanted };
  const most = Math.max(since.most, wanted);
  if (nowMs - since.sinceMs >= placeholdersKeptMs) return { reserve: most, lower: null };
  return { reserve, lower: { sinceMs: since.sinceMs, most } };
}

function extra(count: number, word: string): string {
  return count === 0 ? "" : `, ${count} ${word}`;
}

function bringing(count: number, free: number): string {
  return count > free ? `, ${count - free} of them without a seat: a machine is wanted` : "";
}
