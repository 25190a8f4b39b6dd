/** Virtual times as people read them, in the zone of the drill. */
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "#base/units.ts";
import type { DrillStart } from "./drill.ts";

const DAY_MS = 24 * HOUR_MS;

/** `2018-01-18`. */
export function dateOf(atMs: number, { zoneMs }: DrillStart): string {
  const days = Math.floor((atMs + zoneMs) / DAY_MS);
  const { year, month, day } = civil(days);
  return `${year}-${two(month)}-${two(day)}`;
}

/** `6:15`, as in the reports. */
export function minuteOf(atMs: number, { zoneMs }: DrillStart): string {
  const ofDayMs = modulo(atMs + zoneMs, DAY_MS);
  return `${Math.floor(ofDayMs / HOUR_MS)}:${two(Math.floor((ofDayMs % HOUR_MS) / MINUTE_MS))}`;
}

/** `06:15:07`. */
export function secondOf(atMs: number, { zoneMs }: DrillStart): string {
  const ofDayMs = modulo(atMs + zoneMs, DAY_MS);
  const hour = two(Math.floor(ofDayMs / HOUR_MS));
  const minute = two(Math.floor((ofDayMs % HOUR_MS) / MINUTE_MS));
  return `${hour}:${minute}:${two(Math.floor((ofDayMs % MINUTE_MS) / SECOND_MS))}`;
}

/** `UTC-8`. */
export function zoneName({ zoneMs }: DrillStart): string {
  if (zoneMs === 0) return "UTC";
  const hours = Math.floor(Math.abs(zoneMs) / HOUR_MS);
  const minutes = (Math.abs(zoneMs) % HOUR_MS) / MINUTE_MS;
  return `UTC${zoneMs < 0 ? "-" : "+"}${hours}${minutes === 0 ? "" : `:${two(minutes)}`}`;
}

function civil(days: number): {
  readonly year: number;
  readonly month: number;
  readonly day: number;
} {
  // Howard Hinnant, `civil_from_days`.
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1_460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day };
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}

function modulo(value: number, by: number): number {
  return ((value % by) + by) % by;
}
