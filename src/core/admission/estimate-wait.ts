/** How long somebody who waits will wait, and how good such estimates were. */
import { MINUTE_MS, SECOND_MS } from "#base/units.ts";

/** What brings seats. */
export interface SeatSupply {
  /** Seats that become free in a millisecond, lately. */
  readonly releasesPerMs: number;
  /** Seats of machines that are being made or can be made, soonest first. */
  readonly coming: readonly { readonly atMs: number; readonly seats: number }[];
}

export interface WaitEstimate {
  /** Null when nothing is known that brings a seat. */
  readonly waitMs: number | null;
  /** The seat will be one of a machine that is not there yet. */
  readonly isOfMachine: boolean;
}

/** A machine that should be there already comes any moment. */
const OVERDUE_MS = 10 * SECOND_MS;

/** The wait at a place of the queue, from 1: until that many seats became free or came. */
export function estimateWait(position: number, supply: SeatSupply, nowMs: number): WaitEstimate {
  const { coming, releasesPerMs } = supply;
  let missing = position;
  for (const { atMs, seats } of coming) {
    const inMs = Math.max(OVERDUE_MS, atMs - nowMs);
    if (releasesPerMs * inMs >= missing) break;
    missing -= seats;
    if (releasesPerMs * inMs >= missing) return { waitMs: Math.round(inMs), isOfMachine: true };
  }
  if (releasesPerMs <= 0) return { waitMs: null, isOfMachine: false };
  return { waitMs: Math.round(missing / releasesPerMs), isOfMachine: false };
}

/**
 * From the times at which seats became free, oldest first. A guess counts like one of them, so that
 * something is known before there were two; without a guess it is 0 until then.
 */
export function releaseRate(
  releasesAtMs: readonly number[],
  nowMs: number,
  guessPerMs = 0,
): number {
  const elapsedMs = nowMs - (releasesAtMs[0] ?? nowMs);
  if (guessPerMs > 0) return (releasesAtMs.length + 1) / (elapsedMs + 1 / guessPerMs);
  if (releasesAtMs.length < 2) return 0;
  return releasesAtMs.length / Math.max(1, elapsedMs);
}

/** Seconds after which somebody who was refused may find a place, when nothing tells. */
const RETRY_UNKNOWN_SECONDS = 60;
const RETRY_MIN_SECONDS = 5;
const RETRY_MAX_MS = 60 * MINUTE_MS;

/** For whoever is refused a place in the queue: until a tenth of those who wait were served. */
export function retryAfterSeconds(waiting: number, supply: SeatSupply, nowMs: number): number {
  const { waitMs } = estimateWait(Math.max(1, Math.ceil(waiting / 10)), supply, nowMs);
  if (waitMs === null) return RETRY_UNKNOWN_SECONDS;
  const seconds = Math.ceil(Math.min(waitMs, RETRY_MAX_MS) / SECOND_MS);
  return Math.max(RETRY_MIN_SECONDS, seconds);
}

/** By how much a wait that was told was wrong: 0 is right, 1 is nothing like it. */
export function waitError(toldMs: number, realMs: number): number {
  return Math.abs(toldMs - realMs) / Math.max(toldMs, realMs, SECOND_MS);
}

export function medianOf(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}
