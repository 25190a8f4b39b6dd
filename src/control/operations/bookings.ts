/** Seats that will be needed at a known time: a course, a tutorial. */
import type { Booking } from "#core/capacity/due-bookings.ts";

export class Bookings {
  readonly #max: number;
  #bookings: readonly Booking[] = [];

  constructor(max: number) {
    this.#max = max;
  }

  /** Null when it was taken, else why not. The same booking again is the same as once. */
  add(booking: Booking, nowMs: number): string | null {
    const { fromMs, repo, seats, untilMs } = booking;
    if (repo === "") return "a booking names a repository";
    if (!Number.isInteger(seats) || seats < 1) return `${seats} is no number of seats`;
    if (!(untilMs > fromMs)) return "the booking ends before it begins";
    if (untilMs <= nowMs) return "the booking is over already";
    const kept = this.#bookings.filter((other) => other.untilMs > nowMs && !isSame(other, booking));
    if (kept.length >= this.#max) return `there are ${kept.length} bookings, and no more fit`;
    this.#bookings = [...kept, booking].sort((a, b) => a.fromMs - b.fromMs);
    return null;
  }

  /** Those that have begun and not ended. */
  active(nowMs: number): readonly Booking[] {
    return this.#bookings.filter(({ fromMs, untilMs }) => fromMs <= nowMs && nowMs < untilMs);
  }

  /** Those under way and those to come. */
  due(nowMs: number): readonly Booking[] {
    return this.#bookings.filter(({ untilMs }) => nowMs < untilMs);
  }

  /** Those that begin within this time from now. */
  upcoming(nowMs: number, withinMs: number): readonly Booking[] {
    return this.#bookings.filter(({ fromMs }) => fromMs > nowMs && fromMs <= nowMs + withinMs);
  }
}

function isSame(a: Booking, b: Booking): boolean {
  return (
    a.repo === b.repo && a.seats === b.seats && a.fromMs === b.fromMs && a.untilMs === b.untilMs
  );
}
