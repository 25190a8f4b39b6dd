/** How a launch ends, and how it waits while nobody answers it. */
import { SECOND_MS } from "#base/units.ts";
import type { Failure } from "../errors.ts";
import type { ObservedSession, SessionId } from "../session/session.ts";
import type { LaunchResult } from "./launch.ts";
import type { LaunchAnswer, LaunchDecision, LaunchObserved, LaunchState } from "./launch-stage.ts";

const OUTAGE_RETRY_MIN_MS = 1 * SECOND_MS;
const OUTAGE_RETRY_MAX_MS = 10 * SECOND_MS;
/** So long a launch goes on asking what is not answered while others are. */
const UNANSWERED_MAX_MS = 60 * SECOND_MS;

/** Sessions of this launch that have not ended, and that it has not given up. */
export function livingSessions(
  { tried }: LaunchState,
  { sessions }: LaunchObserved,
): readonly ObservedSession[] {
  return sessions.filter(
    ({ record, state }) => state.kind !== "ended" && !tried.givenUp.includes(record.id),
  );
}

export function idsOf(sessions: readonly ObservedSession[]): readonly SessionId[] {
  return sessions.map(({ record }) => record.id);
}

export function ready(session: ObservedSession, others: readonly SessionId[]): LaunchDecision {
  const { id, token, purpose } = session.record;
  const result: LaunchResult = {
    sessionId: id,
    path: `/user/${id}/`,
    token,
    commit: purpose?.repo.commit ?? "",
    environmentKey: purpose?.environmentKey ?? "",
  };
  const message = `The session answers at /user/${id}/.`;
  return finish([{ phase: "ready", message, result }], others);
}

export function fail(why: Failure, stopSessions: readonly SessionId[]): LaunchDecision {
  return finish([{ phase: "failed", message: why.message, failure: why }], stopSessions);
}

export function finish(
  events: LaunchDecision["events"],
  stopSessions: readonly SessionId[],
): LaunchDecision {
  return { stage: { kind: "ended" }, events, action: { kind: "finish", stopSessions } };
}

export function failedAtLast(
  { tried }: LaunchState,
  answer: LaunchAnswer | null,
  nowMs: number,
): LaunchAnswer | null {
  if (answer?.kind !== "outage" || answer.failure === null) return answer;
  const sinceMs = tried.outageSinceMs ?? nowMs;
  const isOver = nowMs - sinceMs >= UNANSWERED_MAX_MS;
  return isOver ? { kind: "failed", failure: answer.failure } : answer;
}

/** Nobody is at fault and nothing is lost: the same is asked again, later each time. */
export function waitOutOutage({ stage, tried }: LaunchState, nowMs: number): LaunchDecision {
  const sinceMs = tried.outageSinceMs ?? nowMs;
  const delayMs = Math.max(
    OUTAGE_RETRY_MIN_MS,
    Math.min(OUTAGE_RETRY_MAX_MS, (nowMs - sinceMs) / 2),
  );
  const message = "The machines cannot be asked just now; the launch goes on as soon as they can.";
  return {
    stage,
    tried: { ...tried, outageSinceMs: sinceMs },
    events: tried.outageSinceMs === null ? [{ phase: "launching", message }] : [],
    action: { kind: "wait", untilMs: nowMs + delayMs },
  };
}

/** What passed while nobody answered counts against no start. */
export function endOutage(state: LaunchState, nowMs: number): LaunchState {
  const { stage, tried } = state;
  if (tried.outageSinceMs === null) return state;
  const byMs = nowMs - tried.outageSinceMs;
  const over = { ...state, tried: { ...tried, outageSinceMs: null } };
  if (stage.kind !== "probing") return over;
  const tries = stage.tries.map((one) => ({ ...one, sinceMs: one.sinceMs + byMs }));
  return { ...over, stage: { ...stage, tries } };
}
