/** What people wished for and what became of it, out of the records of a run. */
import { MINUTE_MS, SECOND_MS } from "#base/units.ts";
import type { WorldRecord } from "../world/records.ts";
import type { ArgumentSpecs, ArgumentValues } from "./argument.ts";
import { isWithin, type MeasureContext, numberOf, spanOf, textOf } from "./measure.ts";
import { recordsOf } from "./records-by-kind.ts";

export type Ended = Extract<WorldRecord, { kind: "launch-ended" }>;

export const REPO_ARGUMENTS = {
  repo: {
    type: "text",
    meaning: "Only launches of this repository; `rest` means rest-1, rest-2 … too.",
    isOptional: true,
  },
  otherThan: { type: "text", meaning: "Only launches of other repositories.", isOptional: true },
} as const satisfies ArgumentSpecs;

export const PATIENCE_ARGUMENTS = {
  silent: {
    type: "duration",
    meaning: "A longer time without progress is a failure.",
    default: 60 * SECOND_MS,
  },
  total: { type: "duration", meaning: "A longer wait is a failure.", default: 5 * MINUTE_MS },
} as const satisfies ArgumentSpecs;

/** After a fault it must be well for so long. */
const CALM_MS = 10 * MINUTE_MS;
const SUCCESS_MIN = 0.99;

/** One wish as its person saw it. */
export interface Wish {
  readonly askedAtMs: number;
  readonly isGood: boolean;
  readonly isReady: boolean;
  /** A session came in time, at whichever try. */
  readonly isInTime: boolean;
}

export function isOfRepo(repo: string, values: ArgumentValues): boolean {
  const only = textOf(values, "repo");
  const not = textOf(values, "otherThan");
  return (only === null || belongs(repo, only)) && (not === null || !belongs(repo, not));
}

/** Not a canary, and nobody who only follows a build. */
export function wantsSession(who: {
  readonly isCanary: boolean;
  readonly isWatching: boolean;
}): boolean {
  return !who.isCanary && !who.isWatching;
}

/** `rest-17` belongs to `rest`. */
function belongs(repo: string, group: string): boolean {
  return (
    repo === group || (repo.startsWith(`${group}-`) && /^\d+$/.test(repo.slice(group.length + 1)))
  );
}

/** Ended by what the person or the repository did: no platform can make it succeed. */
export function isOwnDoing({ outcome, fault, code }: Ended): boolean {
  if (outcome !== "failed") return false;
  if (fault === "person" || fault === "repository") return true;
  return (
    fault === "limits" &&
    (code?.startsWith("build-") === true || code?.startsWith("repo-") === true)
  );
}

interface Found {
  readonly count: number;
  readonly wishes: Map<string, readonly Wish[]>;
}

/** What was asked for last: several measures ask for the same wishes, some of them for each incident. */
const finds = new WeakMap<readonly WorldRecord[], Found>();

/** Every launch of a person that was not refused, those without an end included; the first first. */
function wishes(
  records: readonly WorldRecord[],
  values: ArgumentValues,
  context: MeasureContext,
): readonly Wish[] {
  const given = ["silent", "total", "repo", "otherThan"].map((name) => String(values[name]));
  const name = [...given, context.endsAtMs].join(" ");
  const before = finds.get(records);
  const finding =
    before?.count === records.length ? before : { count: records.length, wishes: new Map() };
  finds.set(records, finding);
  const found = finding.wishes.get(name) ?? wishesAnew(records, values, context);
  finding.wishes.set(name, found);
  return found;
}

function wishesAnew(
  records: readonly WorldRecord[],
  values: ArgumentValues,
  context: MeasureContext,
): readonly Wish[] {
  const silentMs = numberOf(values, "silent") ?? PATIENCE_ARGUMENTS.silent.default;
  const totalMs = numberOf(values, "total") ?? PATIENCE_ARGUMENTS.total.default;
  const open = new Map<string, number>();
  const found: Wish[] = [];
  for (const record of records) {
    if (record.kind === "launch-asked") {
      if (wantsSession(record) && isOfRepo(record.repo, values))
        open.set(record.launch, record.atMs);
    } else if (record.kind === "launch-ended") {
      const askedAtMs = open.get(record.launch);
      if (askedAtMs === undefined) continue;
      open.delete(record.launch);
      if (record.outcome === "refused" || isOwnDoing(record)) continue;
      const isReady = record.outcome === "ready";
      const isInTime = isReady && record.silenceMs <= silentMs && record.waitedMs <= totalMs;
      found.push({ askedAtMs, isReady, isInTime, isGood: record.attempts <= 1 && isInTime });
    }
  }
  for (const askedAtMs of open.values()) {
    if (context.endsAtMs - askedAtMs > totalMs)
      found.push({ askedAtMs, isReady: false, isInTime: false, isGood: false });
  }
  return found.sort((a, b) => a.askedAtMs - b.askedAtMs);
}

export function shareOf(all: readonly Wish[], is: (wish: Wish) => boolean): number | null {
  if (all.length === 0) return null;
  return all.filter(is).length / all.length;
}

export function asked(
  records: readonly WorldRecord[],
  values: ArgumentValues,
  context: MeasureContext,
): readonly Wish[] {
  const { fromMs, toMs } = spanOf(values, context);
  const all = wishes(records, values, context);
  return all.slice(firstSince(all, fromMs), firstSince(all, toMs + 1));
}

/** Index of the first that was asked for then or later. */
function firstSince(all: readonly Wish[], sinceMs: number): number {
  let low = 0;
  let high = all.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((all[middle]?.askedAtMs ?? 0) < sinceMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The first moment from which on people are well served for ten minutes; null when none came. */
export function mitigatedAtMs(
  records: readonly WorldRecord[],
  sinceMs: number,
  values: ArgumentValues,
  context: MeasureContext,
): number | null {
  const all = wishes(records, values, context);
  const later = all.slice(firstSince(all, sinceMs));
  let last = 0;
  let bad = 0;
  // The window begins with the fault, or just after a failure; its end only moves on.
  for (let first = 0; ; first += 1) {
    const fromMs = first === 0 ? sinceMs : (later[first - 1]?.askedAtMs ?? sinceMs) + 1;
    if (fromMs > context.endsAtMs) return null;
    const isCandidate = first === 0 || later[first - 1]?.isGood === false;
    while (last < later.length && (later[last]?.askedAtMs ?? 0) <= fromMs + CALM_MS) {
      if (later[last]?.isGood === false) bad += 1;
      last += 1;
    }
    const all = last - first;
    if (isCandidate && (all <= 0 || (all - bad) / all >= SUCCESS_MIN)) return fromMs;
    if (first >= later.length) return null;
    if (later[first]?.isGood === false) bad -= 1;
  }
}

export function endings(
  records: readonly WorldRecord[],
  values: ArgumentValues,
  context: MeasureContext,
): readonly Ended[] {
  const span = spanOf(values, context);
  return recordsOf(records, "launch-ended").filter(
    (record) =>
      wantsSession(record) && isWithin(record.atMs, span) && isOfRepo(record.repo, values),
  );
}

export function failures(
  records: readonly WorldRecord[],
  values: ArgumentValues,
  context: MeasureContext,
): readonly Ended[] {
  return endings(records, values, context).filter(({ outcome }) => outcome === "failed");
}
