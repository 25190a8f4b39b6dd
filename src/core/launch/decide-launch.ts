/** The life of a launch, one step at a time: from what is known to what is done next. */
import { unreachable } from "#base/assert.ts";
import type { Plan } from "../environment/plan.ts";
import { failure, type Failure } from "../errors.ts";
import type { Policy } from "../policy.ts";
import type { ResolvedRepo } from "../repo/repo.ts";
import type { ObservedSession } from "../session/session.ts";
import type { LaunchResult } from "./launch.ts";
import type {
  LaunchAnswer,
  LaunchDecision,
  LaunchGround,
  LaunchObserved,
  LaunchStage,
  LaunchState,
} from "./launch-stage.ts";

type LaunchPolicy = Pick<
  Policy,
  | "launchTimeoutMs"
  | "launchAttemptsMax"
  | "queueTimeoutMs"
  | "sessionStartTimeoutMs"
  | "probeIntervalMs"
>;

/** `answer` is what came of the action decided last, or null when there was none. */
export function decideLaunch(
  state: LaunchState,
  answer: LaunchAnswer | null,
  observed: LaunchObserved,
  policy: LaunchPolicy,
  nowMs: number,
): LaunchDecision {
  const { stage } = state;
  if (stage.kind === "ended") return finish([], null);
  const unready = observed.session?.record.id ?? null;
  if (observed.isCancelled) return fail(failure("launch-cancelled"), unready);
  if (nowMs - state.submittedAtMs >= policy.launchTimeoutMs) {
    return fail(failure("launch-too-long"), unready);
  }
  const isAdoptable = observed.session !== null && observed.session.state.kind !== "ended";
  if (isAdoptable && stage.kind !== "probing" && stage.kind !== "starting") {
    return probe(observed.session, 1, null, nowMs);
  }
  switch (stage.kind) {
    case "resolving":
      return afterResolve(answer);
    case "reading":
      return afterRead(stage.repo, answer);
    case "finding":
      return afterFind(state, stage, answer, nowMs);
    case "building":
      return afterBuild(state, stage, answer, nowMs);
    case "seating":
      return seating(stage, observed, policy, nowMs);
    case "starting":
      return afterStart(stage, answer, observed, policy, nowMs);
    case "probing":
      return probing(stage, answer, observed, policy, nowMs);
    default:
      return unreachable(stage);
  }
}

function afterResolve(answer: LaunchAnswer | null): LaunchDecision {
  if (answer?.kind === "failed") return fail(answer.failure, null);
  if (answer?.kind !== "resolved") {
    const events = [{ phase: "waiting", message: "Looking for the commit..." }] as const;
    return { stage: { kind: "resolving" }, events, action: { kind: "resolve" } };
  }
  const { repo } = answer;
  return { stage: { kind: "reading", repo }, events: [], action: { kind: "read", repo } };
}

function afterRead(repo: ResolvedRepo, answer: LaunchAnswer | null): LaunchDecision {
  if (answer?.kind === "failed") return fail(answer.failure, null);
  if (answer?.kind !== "planned") {
    return { stage: { kind: "reading", repo }, events: [], action: { kind: "read", repo } };
  }
  const { plan } = answer;
  return {
    stage: { kind: "finding", repo, plan },
    events: [],
    action: { kind: "find-environment", plan },
  };
}

type WithPlan = { readonly repo: ResolvedRepo; readonly plan: Plan };

function afterFind(
  state: LaunchState,
  { repo, plan }: WithPlan,
  answer: LaunchAnswer | null,
  nowMs: number,
): LaunchDecision {
  if (answer?.kind === "failed") return fail(answer.failure, null);
  if (answer?.kind !== "environment") {
    const stage = { kind: "finding", repo, plan } as const;
    return { stage, events: [], action: { kind: "find-environment", plan } };
  }
  if (answer.environment !== null) {
    return built(state, { repo, plan, environment: answer.environment }, true, nowMs);
  }
  return {
    stage: { kind: "building", repo, plan },
    events: [{ phase: "waiting", message: "Waiting for build to start..." }],
    action: { kind: "build", repo, plan },
  };
}

function afterBuild(
  state: LaunchState,
  { repo, plan }: WithPlan,
  answer: LaunchAnswer | null,
  nowMs: number,
): LaunchDecision {
  if (answer?.kind === "failed") return fail(answer.failure, null);
  if (answer?.kind !== "built") {
    const stage = { kind: "building", repo, plan } as const;
    return { stage, events: [], action: { kind: "build", repo, plan } };
  }
  return built(state, { repo, plan, environment: answer.environment }, false, nowMs);
}

function built(
  state: LaunchState,
  ground: LaunchGround,
  isReused: boolean,
  nowMs: number,
): LaunchDecision {
  const message = isReused ? "The environment is known." : "The environment is built.";
  const events = [{ phase: "built", message, isReused } as const];
  if (state.wish.buildOnly) {
    const result: LaunchResult = {
      sessionId: null,
      path: null,
      token: null,
      commit: ground.repo.commit,
      environmentKey: ground.environment.key,
    };
    return finish([...events, { phase: "ready", message: "Done.", result, isReused }], null);
  }
  return {
    stage: { kind: "seating", ground, sinceMs: nowMs, position: null },
    events,
    action: { kind: "ask-for-seat" },
  };
}

function seating(
  stage: Extract<LaunchStage, { kind: "seating" }>,
  { seat }: LaunchObserved,
  policy: LaunchPolicy,
  nowMs: number,
): LaunchDecision {
  const untilMs = stage.sinceMs + policy.queueTimeoutMs;
  switch (seat.kind) {
    case "none":
      return { stage, events: [], action: { kind: "ask-for-seat" } };
    case "waiting": {
      if (nowMs >= untilMs) return fail(failure("queue-too-long"), null);
      const { position, waitMs } = seat;
      const message = `All seats are taken; place ${position} in the queue.`;
      const event = { phase: "queued", message, queue: { position, waitMs } } as const;
      const events = position === stage.position ? [] : [event];
      return { stage: { ...stage, position }, events, action: { kind: "wait", untilMs } };
    }
    case "taken":
      return start(stage.ground, 1, null, [{ phase: "launching", message: "Launching server..." }]);
    default:
      return unreachable(seat);
  }
}

function start(
  ground: LaunchGround,
  attempt: number,
  replaces: string | null,
  events: LaunchDecision["events"],
): LaunchDecision {
  const isWarmAllowed = attempt === 1 && ground.plan.coldStartBecause === null;
  return {
    stage: { kind: "starting", ground, attempt },
    events,
    action: { kind: "start", ground, isWarmAllowed, replaces },
  };
}

function afterStart(
  stage: Extract<LaunchStage, { kind: "starting" }>,
  answer: LaunchAnswer | null,
  observed: LaunchObserved,
  policy: LaunchPolicy,
  nowMs: number,
): LaunchDecision {
  const { ground, attempt } = stage;
  if (answer?.kind === "failed") {
    return again(ground, attempt, answer.failure, observed.session, policy);
  }
  if (observed.session !== null) return probe(observed.session, attempt, ground, nowMs);
  if (answer?.kind === "started") {
    // Started, and not seen: it was removed from under us.
    const lost = failure("session-start-timeout", "The session vanished while it started.");
    return again(ground, attempt, lost, null, policy);
  }
  return start(ground, attempt, null, []);
}

/** Only for a hint that was lost. */
const SERVER_LOOK_MS = 250;

function probing(
  stage: Extract<LaunchStage, { kind: "probing" }>,
  answer: LaunchAnswer | null,
  { session }: LaunchObserved,
  policy: LaunchPolicy,
  nowMs: number,
): LaunchDecision {
  const { ground, attempt, sessionId } = stage;
  if (session === null || session.state.kind === "ended") {
    return again(ground, attempt, endedFailure(session), session, policy);
  }
  if (answer?.kind === "probed" && answer.answers) return ready(session);
  if (nowMs - stage.sinceMs >= policy.sessionStartTimeoutMs) {
    return again(ground, attempt, failure("session-start-timeout"), session, policy);
  }
  if (session.state.kind === "starting") {
    // Nobody listens yet; the driver's hint wakes the launch when that changes.
    return { stage, events: [], action: { kind: "wait", untilMs: nowMs + SERVER_LOOK_MS } };
  }
  if (answer?.kind === "probed") {
    return { stage, events: [], action: { kind: "wait", untilMs: nowMs + policy.probeIntervalMs } };
  }
  const { token } = session.record;
  return { stage, events: [], action: { kind: "probe", sessionId, token } };
}

function probe(
  session: ObservedSession,
  attempt: number,
  ground: LaunchGround | null,
  nowMs: number,
): LaunchDecision {
  const { id, token } = session.record;
  return {
    stage: { kind: "probing", sessionId: id, sinceMs: nowMs, attempt, ground },
    events: [],
    action: { kind: "probe", sessionId: id, token },
  };
}

function endedFailure(session: ObservedSession | null): Failure {
  if (session === null) return failure("session-exited", "The session was stopped.");
  const { state } = session;
  if (state.kind !== "ended") return failure("session-exited");
  if (state.end === "out-of-memory") {
    return failure("session-exited", "The session's server was ended: out of memory.");
  }
  const code = state.exitCode === null ? "" : ` with exit code ${state.exitCode}`;
  return failure("session-exited", `The session's server ended${code} before it was ready.`);
}

/** Tries once more what failed for the platform's reasons; gives up on everything else. */
function again(
  ground: LaunchGround | null,
  attempt: number,
  why: Failure,
  session: ObservedSession | null,
  policy: LaunchPolicy,
): LaunchDecision {
  const left = session?.record.id ?? null;
  const isWorthIt = why.fault === "platform" && why.retriable;
  if (ground === null || !isWorthIt || attempt >= policy.launchAttemptsMax) {
    return fail(why, left);
  }
  const message = `${why.message} Trying once more.`;
  return start(ground, attempt + 1, left, [{ phase: "launching", message }]);
}

function ready(session: ObservedSession): LaunchDecision {
  const { id, token, purpose } = session.record;
  const result: LaunchResult = {
    sessionId: id,
    path: `/user/${id}/`,
    token,
    commit: purpose?.repo.commit ?? "",
    environmentKey: purpose?.environmentKey ?? "",
  };
  const message = `The session answers at /user/${id}/.`;
  return finish([{ phase: "ready", message, result }], null);
}

function fail(why: Failure, stopSession: string | null): LaunchDecision {
  return finish([{ phase: "failed", message: why.message, failure: why }], stopSession);
}

function finish(events: LaunchDecision["events"], stopSession: string | null): LaunchDecision {
  return { stage: { kind: "ended" }, events, action: { kind: "finish", stopSession } };
}
