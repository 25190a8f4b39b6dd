/** A launch as it is kept in memory, from its submission until nobody may ask for it any more. */
import type { LaunchView, LaunchWish } from "#core/launch/launch.ts";
import {
  type LaunchAnswer,
  type LaunchStage,
  type LaunchState,
  NOTHING_TRIED,
} from "#core/launch/launch-stage.ts";
import { LaunchLog } from "./launch-log.ts";
import type { LaunchRun } from "./launch-run.ts";

export interface KeptLaunch extends LaunchRun {
  state: LaunchState;
  answer: LaunchAnswer | null;
  view: LaunchView;
  isCancelled: boolean;
  cancelGrace: (() => void) | null;
}

/** What can be told of it at this stage. */
export function progressOf(view: LaunchView, stage: LaunchStage, attempts: number): LaunchView {
  const ground = "ground" in stage ? stage.ground : null;
  const repo = ground?.repo ?? ("repo" in stage ? stage.repo : null);
  const plan = ground?.plan ?? ("plan" in stage ? stage.plan : null);
  const commit = repo?.commit ?? view.commit;
  const environmentKey = plan?.key ?? view.environmentKey;
  const isSame =
    commit === view.commit && environmentKey === view.environmentKey && attempts === view.attempts;
  return isSame ? view : { ...view, commit, environmentKey, attempts };
}

export function newKeptLaunch(wish: LaunchWish, eventsMax: number, nowMs: number): KeptLaunch {
  return {
    wish,
    log: new LaunchLog(eventsMax),
    abort: new AbortController(),
    draft: null,
    state: { wish, submittedAtMs: nowMs, stage: { kind: "resolving" }, tried: NOTHING_TRIED },
    answer: null,
    isCancelled: false,
    cancelGrace: null,
    view: {
      id: wish.id,
      repo: wish.repo,
      phase: "waiting",
      submittedAtMs: nowMs,
      endedAtMs: null,
      commit: null,
      environmentKey: null,
      result: null,
      failure: null,
      attempts: 0,
    },
  };
}

export function isSameWish(a: LaunchWish, b: LaunchWish): boolean {
  return (
    a.repo.provider === b.repo.provider &&
    a.repo.url === b.repo.url &&
    a.repo.ref === b.repo.ref &&
    a.buildOnly === b.buildOnly &&
    a.asOf === b.asOf
  );
}
