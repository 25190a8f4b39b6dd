/** The counters of launches over the last minutes, across restarts of the control plane. */
import { MINUTE_MS } from "#base/units.ts";
import type { LaunchCounts, OperatorStatus } from "../operations/status.ts";
import type { Policy } from "../policy.ts";

interface LaunchSample {
  readonly atMs: number;
  /** Since the watch began; a restart does not set it back. */
  readonly totals: LaunchCounts;
}

export interface LaunchWindow {
  readonly samples: readonly LaunchSample[];
  /** The counters as they were read last, and of which control plane. */
  readonly read: { readonly sinceMs: number; readonly counts: LaunchCounts } | null;
  /** Since when the last minutes were good at each look. */
  readonly goodSinceMs: number | null;
}

const WINDOW_MS = 5 * MINUTE_MS;

const ZERO: LaunchCounts = {
  asked: 0,
  ready: 0,
  readyFirstTry: 0,
  failedByPlatform: 0,
  failedOtherwise: 0,
  refused: 0,
};

export const EMPTY_WINDOW: LaunchWindow = { samples: [], read: null, goodSinceMs: null };

export function noteCounts(
  window: LaunchWindow,
  status: Pick<OperatorStatus, "sinceMs" | "launches"> | null,
  policy: Pick<Policy, "incidentFirstTryMin">,
  nowMs: number,
): LaunchWindow {
  if (status === null) return { ...window, goodSinceMs: null };
  const { read, samples } = window;
  const counts = status.launches;
  const isContinued = read?.sinceMs === status.sinceMs;
  /** What was counted before the watch began says nothing about the last minutes. */
  const from = isContinued ? read.counts : read === null ? counts : ZERO;
  const totals = combine(lastTotals(window), combine(counts, from, -1), 1);
  const oldest = nowMs - WINDOW_MS;
  // The last one before the window stays: differences begin at it.
  const firstKept = lastUntil(samples, oldest);
  const next: LaunchWindow = {
    samples: [...samples.slice(Math.max(0, firstKept)), { atMs: nowMs, totals }],
    read: { sinceMs: status.sinceMs, counts: combine(counts, ZERO, 1) },
    goodSinceMs: null,
  };
  const isGood = isGoodWindow(countsOver(next, WINDOW_MS, nowMs), policy);
  return isGood ? { ...next, goodSinceMs: window.goodSinceMs ?? nowMs } : next;
}

/** What was counted in the last `forMs`. */
export function countsOver(window: LaunchWindow, forMs: number, nowMs: number): LaunchCounts {
  const { samples } = window;
  const last = samples.at(-1);
  const from = samples[Math.max(0, lastUntil(samples, nowMs - forMs))];
  if (last === undefined || from === undefined) return ZERO;
  return combine(last.totals, from.totals, -1);
}

/** Index of the last sample at that time or before; -1 when there is none. */
function lastUntil(samples: readonly LaunchSample[], atMs: number): number {
  let low = 0;
  let high = samples.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((samples[middle]?.atMs ?? 0) <= atMs) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Launches since the watch began. */
export function launchesAsked(window: LaunchWindow): number {
  return lastTotals(window).asked;
}

export function completions({ failedByPlatform, failedOtherwise, ready }: LaunchCounts): number {
  return ready + failedByPlatform + failedOtherwise;
}

/** Launches that the platform failed, for good or at the first try. */
export function troubles({ failedByPlatform, ready, readyFirstTry }: LaunchCounts): number {
  return failedByPlatform + (ready - readyFirstTry);
}

function isGoodWindow(counts: LaunchCounts, policy: Pick<Policy, "incidentFirstTryMin">): boolean {
  const judged = counts.ready + counts.failedByPlatform;
  return troubles(counts) <= judged * (1 - policy.incidentFirstTryMin);
}

function lastTotals({ samples }: LaunchWindow): LaunchCounts {
  return samples.at(-1)?.totals ?? ZERO;
}

/** `a` plus `sign` times `b`. */
function combine(a: LaunchCounts, b: LaunchCounts, sign: 1 | -1): LaunchCounts {
  return {
    asked: a.asked + sign * b.asked,
    ready: a.ready + sign * b.ready,
    readyFirstTry: a.readyFirstTry + sign * b.readyFirstTry,
    failedByPlatform: a.failedByPlatform + sign * b.failedByPlatform,
    failedOtherwise: a.failedOtherwise + sign * b.failedOtherwise,
    refused: a.refused + sign * b.refused,
  };
}
