/** Numbers with units as people write them in a drill: `15h30m`, `4GiB`, `99.5%`, `20/h`. */
import { GIB, HOUR_MS, KIB, MIB, MINUTE_MS, SECOND_MS } from "#base/units.ts";
import type { Distribution } from "./drill.ts";

const DURATION_UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: SECOND_MS,
  m: MINUTE_MS,
  h: HOUR_MS,
  d: 24 * HOUR_MS,
};
const SIZE_UNITS: Readonly<Record<string, number>> = { B: 1, KiB: KIB, MiB: MIB, GiB: GIB };

export const DURATION_PATTERN = String.raw`^(\d+(\.\d+)?(ms|s|m|h|d))+$`;
export const SIZE_PATTERN = String.raw`^\d+(\.\d+)?(B|KiB|MiB|GiB)$`;
const SHARE_PATTERN = String.raw`^\d+(\.\d+)?%$`;
export const RATE_PATTERN = String.raw`^\d+(\.\d+)?/(s|min|h)$`;

/** `1h30m` → 5,400,000; null when it is none. */
export function parseDuration(text: string): number | null {
  if (!new RegExp(DURATION_PATTERN, "u").test(text)) return null;
  let sum = 0;
  for (const [, amount = "", unit = ""] of text.matchAll(/([\d.]+)(ms|[smhd])/g)) {
    sum += Number(amount) * (DURATION_UNITS[unit] ?? 0);
  }
  return Math.round(sum);
}

export function parseSize(text: string): number | null {
  const match = /^([\d.]+)(B|KiB|MiB|GiB)$/.exec(text);
  if (match === null) return null;
  const [, amount = "", unit = ""] = match;
  return finite(Math.round(Number(amount) * (SIZE_UNITS[unit] ?? 0)));
}

/** `60%` → 0.6. */
export function parseShare(text: string): number | null {
  return new RegExp(SHARE_PATTERN, "u").test(text) ? Number(text.slice(0, -1)) / 100 : null;
}

/** `5/min` → 300, per hour. */
export function parseRate(text: string): number | null {
  const match = new RegExp(RATE_PATTERN, "u").exec(text);
  if (match === null) return null;
  const perHour: Readonly<Record<string, number>> = { s: 3_600, min: 60, h: 1 };
  return Number(text.slice(0, text.indexOf("/"))) * (perHour[match[2] ?? ""] ?? 1);
}

/** `exp(45m)`, `fixed(90s)`, `uniform(1m,5m)`; a duration alone is fixed. */
export function parseDistribution(text: string): Distribution | null {
  const alone = parseDuration(text);
  if (alone !== null) return { kind: "fixed", valueMs: alone };
  const match = /^(exp|fixed|uniform)\(([^()]+)\)$/.exec(text);
  if (match === null) return null;
  const values = (match[2] ?? "").split(",").map((part) => parseDuration(part.trim()));
  const [first = null, second = null, ...more] = values;
  if (first === null || more.length > 0) return null;
  if (match[1] === "uniform") {
    return second === null ? null : { kind: "uniform", fromMs: first, toMs: second };
  }
  if (values.length > 1) return null;
  return match[1] === "exp" ? { kind: "exp", meanMs: first } : { kind: "fixed", valueMs: first };
}

/** An ISO date with its zone: `2018-01-17T18:00:00-08:00`. */
export function parseStart(
  text: string,
): { readonly atMs: number; readonly zoneMs: number } | null {
  const pattern = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d))?(Z|[+-]\d\d:\d\d)$/;
  const match = pattern.exec(text);
  if (match === null) return null;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map((part) => Number(part ?? 0));
  const isReal = month >= 1 && month <= 12 && day >= 1 && day <= 31 && hour < 24 && minute < 60;
  if (!isReal) return null;
  const zoneMs = zoneOf(match[7] ?? "Z");
  const days = daysSince1970(year, month, day);
  const localMs = days * 24 * HOUR_MS + hour * HOUR_MS + minute * MINUTE_MS + second * SECOND_MS;
  return { atMs: localMs - zoneMs, zoneMs };
}

function zoneOf(zone: string): number {
  if (zone === "Z") return 0;
  const sign = zone.startsWith("-") ? -1 : 1;
  return sign * (Number(zone.slice(1, 3)) * HOUR_MS + Number(zone.slice(4, 6)) * MINUTE_MS);
}

/** Of the proleptic Gregorian calendar (Howard Hinnant, `days_from_civil`). */
function daysSince1970(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra =
    yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
