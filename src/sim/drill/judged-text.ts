/** A criterion, its measured value and its limits in words. */
import { formatBytes, formatDuration } from "#base/units.ts";
import type { Judged } from "./common-criteria.ts";
import type { MeasureUnit } from "./measure.ts";

/** `machines at the peak: 14 (at most 4)`. */
export function judgedText(judged: Judged): string {
  const because = judged.because === null ? "" : `; ${judged.because}`;
  return `${judged.name}: ${valueText(judged)} (${limitText(judged)}${because})`;
}

export function valueText({ value, unit }: Judged): string {
  return value === null ? "never" : quantityText(value, unit);
}

export function limitText({ atLeast, atMost, isNever, unit }: Judged): string {
  if (isNever) return "never";
  if (atLeast !== null && atLeast === atMost) return quantityText(atLeast, unit);
  const parts = [
    atLeast === null ? null : `at least ${quantityText(atLeast, unit)}`,
    atMost === null ? null : `at most ${quantityText(atMost, unit)}`,
  ];
  return parts.filter((part) => part !== null).join(", ");
}

export function quantityText(value: number, unit: MeasureUnit): string {
  switch (unit) {
    case "duration":
      return formatDuration(value);
    case "share":
      return `${trimmed(value * 100)} %`;
    case "size":
      return formatBytes(value);
    case "count":
    case "number":
      return trimmed(value);
  }
}

function trimmed(value: number): string {
  return String(Math.round(value * 100) / 100);
}
