/** The seats of bookings that have to be prepared now. */

/** Seats that will be needed at a known time. */
export interface Booking {
  readonly repo: string;
  readonly seats: number;
  readonly fromMs: number;
  readonly untilMs: number;
}

/** It begins within `leadMs`, or has begun. */
export function isDue({ fromMs, untilMs }: Booking, leadMs: number, nowMs: number): boolean {
  return nowMs >= fromMs - leadMs && nowMs < untilMs;
}

/** Those that begin within `leadMs`, less what their repositories hold already. */
export function dueBookings(
  bookings: readonly Booking[],
  heldBy: (repo: string) => number,
  leadMs: number,
  nowMs: number,
): number {
  let seats = 0;
  for (const booking of bookings) {
    if (!isDue(booking, leadMs, nowMs)) continue;
    seats += Math.max(0, booking.seats - heldBy(booking.repo));
  }
  return seats;
}
