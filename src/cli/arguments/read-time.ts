/** Times and counts as people type them. */
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "#base/units.ts";
import { invalid } from "./parse-arguments.ts";

const UNITS: Readonly<Record<string, number>> = {
  s: SECOND_MS,
  m: MINUTE_MS,
  min: MINUTE_MS,
  h: HOUR_MS,
  d: 24 * HOUR_MS,
};

/** `30m`, `1.5h`. Errors: command-invalid. */
export function readDuration(text: string, name: string): number {
  const [, count = "", unit = ""] = /^(\d+(?:\.\d+)?)\s*(s|m|min|h|d)$/.exec(text) ?? [];
  const scale = UNITS[unit];
  if (scale === undefined)
    throw invalid(`${name} should be a time such as 30m or 2h, not "${text}".`);
  return Math.round(Number(count) * scale);
}

/** `+2h` from now, or a date with its time. Errors: command-invalid. */
export function readTime(text: string, name: string, nowMs: number): number {
  if (text.startsWith("+")) return nowMs + readDuration(text.slice(1), name);
  const isDate = /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text);
  const atMs = isDate ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(atMs))
    throw invalid(`${name} should be a time such as 2026-03-03T14:00 or +2h, not "${text}".`);
  return atMs;
}

/** Errors: command-invalid. */
export function readCount(text: string, name: string): number {
  if (!/^\d{1,9}$/.test(text)) throw invalid(`${name} should be a whole number, not "${text}".`);
  return Number(text);
}
