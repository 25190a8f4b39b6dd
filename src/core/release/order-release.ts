/** What an operator may want of releases: one more, or the one before. */
import type { CommandOutcome } from "../operations/command.ts";
import { fall } from "./decide-rollout.ts";
import { type ReleaseStage, type ReleaseState, type Rollout, WISHES_MAX } from "./release.ts";

export interface ReleaseOrder {
  readonly next: ReleaseState;
  readonly outcome: CommandOutcome;
}

export function submitRelease(
  state: ReleaseState,
  release: string,
  isEmergency: boolean,
  nowMs: number,
): ReleaseOrder {
  const isKnown =
    state.current?.release === release || state.queue.some((wish) => wish.release === release);
  if (isKnown) return refused(state, `${release} is on its way already`);
  if (state.queue.length >= WISHES_MAX) return refused(state, "too many releases are waiting");
  const queue = [...state.queue, { release, isEmergency, atMs: nowMs }];
  const ahead = queue.length - 1 + (state.current === null ? 0 : 1);
  const message = ahead === 0 ? `${release} begins` : `${release} waits behind ${ahead}`;
  return done({ ...state, queue }, message);
}

export function rollBackRelease(
  state: ReleaseState,
  stage: ReleaseStage,
  because: string,
  nowMs: number,
): ReleaseOrder {
  const { current } = state;
  if (current !== null) return stopCurrent(state, current, because, nowMs);
  const last = state.ended[0];
  if (last?.outcome === "rolled-back")
    return done(state, `${last.release} was taken back already: ${last.because}`);
  if (last === undefined || last.outcome !== "done" || last.previous === null)
    return refused(state, "no release before the one that runs is known");
  const rollout: Rollout = {
    release: last.release,
    isEmergency: true,
    submittedAtMs: nowMs,
    phase: "rolling-back",
    phaseSinceMs: nowMs,
    previous: last.previous,
    touched: stage === "staging" ? ["staging"] : last.touched,
    underWay: null,
    failures: 0,
    retryAtMs: nowMs,
    fall: { cause: "operator", because, atMs: nowMs },
  };
  const message = `${last.release} goes back to ${last.previous[stage]}`;
  return done({ ...state, current: rollout }, message);
}

function stopCurrent(
  state: ReleaseState,
  current: Rollout,
  because: string,
  nowMs: number,
): ReleaseOrder {
  if (current.phase === "rolling-back")
    return done(state, `${current.release} is on its way back already`);
  if (current.touched.length === 0)
    return done({ ...state, current: null }, `${current.release} is dropped; nothing was touched`);
  const next = fall(state, current, "operator", because, nowMs);
  return done(next, `${current.release} goes back`);
}

function done(next: ReleaseState, message: string): ReleaseOrder {
  return { next, outcome: { kind: "done", message } };
}

function refused(state: ReleaseState, because: string): ReleaseOrder {
  return { next: state, outcome: { kind: "refused", because } };
}
