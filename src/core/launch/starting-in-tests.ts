/** Launches that start a server, as tests put them together. */
import { MINUTE_MS, SECOND_MS } from "#base/units.ts";
import type { ObservedSession, SessionState } from "../session/session.ts";
import { decideLaunch } from "./decide-launch.ts";
import {
  type LaunchAnswer,
  type LaunchGround,
  type LaunchObserved,
  type LaunchStage,
  type LaunchState,
  NOTHING_TRIED,
  type Tried,
  type Try,
} from "./launch-stage.ts";

const policy = {
  launchTimeoutMs: 45 * MINUTE_MS,
  buildTimeoutMs: 30 * MINUTE_MS,
  queueTimeoutMs: 30 * MINUTE_MS,
  launchAttemptsMax: 3,
  launchHedgeMs: 15 * SECOND_MS,
  launchLookMs: 2 * SECOND_MS,
  probeIntervalMs: 1 * SECOND_MS,
  probeTimeoutMs: 3 * SECOND_MS,
  placementTimeoutMs: 10 * MINUTE_MS,
  pullTimeoutMs: 2 * MINUTE_MS,
  sessionStartTimeoutMs: 60 * SECOND_MS,
};
export const GROUND = { repo: { commit: "c" }, plan: { coldStartBecause: null } } as LaunchGround;
export const RUNNING: SessionState = { kind: "running" };
export const STARTING: SessionState = { kind: "starting", step: "starting" };
export const PULLING: SessionState = { kind: "starting", step: "pulling" };
export const PLACING: SessionState = { kind: "starting", step: "placing" };
export const ended = (end: "exited" | "node-failed" | "killed"): SessionState => ({
  kind: "ended",
  end,
  exitCode: null,
});

export function session(id: string, state: SessionState, node: string | null = `node-${id}`) {
  return {
    record: { id, token: "t", createdAtMs: 0, claimedAtMs: 0, purpose: null },
    state,
    node,
    lastActivityAtMs: 0,
  } as unknown as ObservedSession;
}

export const attempt = (sessionId: string, over: Partial<Try> = {}): Try => ({
  sessionId,
  node: `node-${sessionId}`,
  step: "starting",
  sinceMs: 0,
  ...over,
});

export function probing(tries: readonly Try[], ground: LaunchGround | null = GROUND): LaunchStage {
  return {
    kind: "probing",
    tries,
    ground,
    told: { step: "starting", atMs: 0 },
    lookAtMs: Number.POSITIVE_INFINITY,
  };
}

export function decide(
  stage: LaunchStage,
  sessions: readonly ObservedSession[],
  {
    answer = null,
    nowMs = 1_000,
    tried = {},
    launchLookMs = policy.launchLookMs,
    ...observed
  }: Partial<LaunchObserved> & {
    answer?: LaunchAnswer | null;
    nowMs?: number;
    tried?: Partial<Tried>;
    launchLookMs?: number;
  } = {},
) {
  const state: LaunchState = {
    wish: { buildOnly: false } as LaunchState["wish"],
    submittedAtMs: 0,
    stage,
    tried: { ...NOTHING_TRIED, starts: 1, ...tried },
  };
  const seen: LaunchObserved = {
    sessions,
    seat: { kind: "taken" },
    placement: { position: 1, waitMs: null },
    startP95Ms: null,
    hasSpareSeat: true,
    isCancelled: false,
    ...observed,
  };
  return decideLaunch(state, answer, seen, { ...policy, launchLookMs }, nowMs);
}
