/** Whether what tells of changes to sessions still does: judged by what full lists find untold. */
import { SECOND_MS } from "#base/units.ts";
import type { Policy } from "../policy.ts";

export type WatchPolicy = Pick<Policy, "watchAgeMaxMs" | "resyncIntervalMs">;

export interface WatchState {
  /** Lists in a row that found changes of which nothing had told. */
  readonly untoldLists: number;
  /** Lists in a row without any since the watch was found frozen. */
  readonly cleanLists: number;
  /** Since when it is frozen, or null. */
  readonly frozenSinceMs: number | null;
}

export const WATCH_IS_FINE: WatchState = { untoldLists: 0, cleanLists: 0, frozenSinceMs: null };

export interface WatchDecision {
  readonly next: WatchState;
  /** Ask for hints anew. */
  readonly isRenewed: boolean;
  /** Look again after this long. */
  readonly nextListMs: number;
}

const HASTE_MS = 5 * SECOND_MS;
const UNTOLD_LISTS = 2;
const CLEAN_LISTS = 2;

export interface WatchObserved {
  /** Changes that were found out otherwise and that no hint has named. */
  readonly untold: number;
  /** Since the last hint about anything. */
  readonly watchAgeMs: number;
  /** There were hints since the list before. */
  readonly wasHinted: boolean;
}

/** After each full list. */
export function decideWatch(
  state: WatchState,
  { untold, wasHinted, watchAgeMs }: WatchObserved,
  policy: WatchPolicy,
  nowMs: number,
): WatchDecision {
  const usual = policy.resyncIntervalMs;
  if (policy.watchAgeMaxMs <= 0) {
    return { next: WATCH_IS_FINE, isRenewed: false, nextListMs: usual };
  }
  const hasteMs = Math.min(HASTE_MS, usual);
  if (untold > 0) {
    const untoldLists = state.untoldLists + 1;
    const isSilent = watchAgeMs > policy.watchAgeMaxMs;
    const isFrozen = state.frozenSinceMs !== null || isSilent || untoldLists >= UNTOLD_LISTS;
    const frozenSinceMs = isFrozen ? (state.frozenSinceMs ?? nowMs - watchAgeMs) : null;
    const next = { untoldLists, cleanLists: 0, frozenSinceMs };
    return { next, isRenewed: isFrozen, nextListMs: hasteMs };
  }
  if (state.frozenSinceMs === null) {
    // Where nothing happens and nothing is told there is nothing to learn.
    const next = wasHinted ? WATCH_IS_FINE : state;
    return { next, isRenewed: false, nextListMs: usual };
  }
  const cleanLists = state.cleanLists + 1;
  if (cleanLists >= CLEAN_LISTS) {
    return { next: WATCH_IS_FINE, isRenewed: false, nextListMs: usual };
  }
  const next = { ...state, untoldLists: 0, cleanLists };
  return { next, isRenewed: false, nextListMs: hasteMs };
}
