/** The life of a launch, one step at a time: from what is known to what is done next. */
import { unreachable } from "#base/assert.ts";
import { SECOND_MS } from "#base/units.ts";
import type { Plan } from "../environment/plan.ts";
import { failure } from "../errors.ts";
import type { Policy } from "../policy.ts";
import type { ResolvedRepo } from "../repo/repo.ts";
import { adopt, afterStart, probing, startServer } from "./decide-start.ts";
import type { LaunchResult } from "./launch.ts";
import {
  endOutage,
  fail,
  failedAtLast,
  finish,
  idsOf,
  livingSessions,
  waitOutOutage,
} from "./launch-ends.ts";
import type {
  LaunchAnswer,
  LaunchDecision,
  LaunchGround,
  LaunchObserved,
  LaunchStage,
  LaunchState,
} from "./launch-stage.ts";
import { launchLimitMs, type LimitPolicy } from "./launch-limit.ts";
import type { StartContext, StartPolicy } from "./start-context.ts";

/** Nobody waits for longer without a word. */
const TELL_AGAIN_MS = 30 * SECOND_MS;

type LaunchPolicy = StartPolicy & LimitPolicy & Pick<Policy, "queueTimeoutMs">;

/** `given` is what came of the action decided last, or null when there was none. */
export function decideLaunch(
  before: LaunchState,
  given: LaunchAnswer | null,
  observed: LaunchObserved,
  policy: LaunchPolicy,
  nowMs: number,
): LaunchDecision {
  if (before.stage.kind === "ended") return finish([], []);
  const living = livingSessions(before, observed);
  if (observed.isCancelled) return fail(failure("launch-cancelled"), idsOf(living));
  if (nowMs - before.submittedAtMs >= launchLimitMs(before, policy)) {
    return fail(failure("launch-too-long"), idsOf(living));
  }
  const answer = failedAtLast(before, given, nowMs);
  if (answer?.kind === "outage") return waitOutOutage(before, nowMs);
  const state = answer === null ? before : endOutage(before, nowMs);
  const context = { state, observed, policy, nowMs };
  const { kind } = state.stage;
  const decision =
    living.length > 0 && kind !== "probing" && kind !== "starting"
      ? adopt(context, living)
      : decideStage(context, answer);
  return state === before ? decision : { tried: state.tried, ...decision };
}

function decideStage(
  context: StartContext & { readonly policy: LaunchPolicy },
  answer: LaunchAnswer | null,
): LaunchDecision {
  const { nowMs, observed, policy, state } = context;
  const { stage } = state;
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
      return seating(state, stage, observed, policy, nowMs);
    case "starting":
      return afterStart(context, stage, answer);
    case "probing":
      return probing(context, stage, answer);
    case "ended":
      return finish([], []);
    default:
      return unreachable(stage);
  }
}

function afterResolve(answer: LaunchAnswer | null): LaunchDecision {
  if (answer?.kind === "failed") return fail(answer.failure, []);
  if (answer?.kind !== "resolved") {
    const events = [{ phase: "waiting", message: "Looking for the commit..." }] as const;
    return { stage: { kind: "resolving" }, events, action: { kind: "resolve" } };
  }
  const { repo } = answer;
  return { stage: { kind: "reading", repo }, events: [], action: { kind: "read", repo } };
}

function afterRead(repo: ResolvedRepo, answer: LaunchAnswer | null): LaunchDecision {
  if (answer?.kind === "failed") return fail(answer.failure, []);
  if (answer?.kind !== "planned") {
    return { stage: { kind: "reading", repo }, events: [], action: { kind: "read", repo } };
  }
  const { plan } = answer;
  return {
    stage: { kind: "finding", repo, plan },
    events: [],
    action: { kind: "find-environment", repo, plan },
  };
}

type WithPlan = { readonly repo: ResolvedRepo; readonly plan: Plan };

function afterFind(
  state: LaunchState,
  { repo, plan }: WithPlan,
  answer: LaunchAnswer | null,
  nowMs: number,
): LaunchDecision {
  if (answer?.kind === "failed") return fail(answer.failure, []);
  if (answer?.kind !== "environment") {
    const stage = { kind: "finding", repo, plan } as const;
    return { stage, events: [], action: { kind: "find-environment", repo, plan } };
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
  if (answer?.kind === "failed") return fail(answer.failure, []);
  if (answer?.kind !== "built") {
    const stage = { kind: "building", repo, plan } as const;
    return { stage, events: [], action: { kind: "build", repo, plan } };
  }
  const tried = { ...state.tried, hasBuilt: true };
  return { tried, ...built(state, { repo, plan, environment: answer.environment }, false, nowMs) };
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
    return finish([...events, { phase: "ready", message: "Done.", result, isReused }], []);
  }
  return {
    stage: { kind: "seating", ground, sinceMs: nowMs, position: null, toldAtMs: nowMs },
    events,
    action: { kind: "ask-for-seat" },
  };
}

function seating(
  state: LaunchState,
  stage: Extract<LaunchStage, { kind: "seating" }>,
  { seat }: LaunchObserved,
  policy: Pick<LaunchPolicy, "queueTimeoutMs">,
  nowMs: number,
): LaunchDecision {
  const untilMs = stage.sinceMs + policy.queueTimeoutMs;
  switch (seat.kind) {
    case "none":
      return { stage, events: [], action: { kind: "ask-for-seat" } };
    case "waiting": {
      if (nowMs >= untilMs) return fail(failure("queue-too-long"), []);
      const { because = "all seats are taken", position, waitMs } = seat;
      const message = `${because.charAt(0).toUpperCase()}${because.slice(1)}; place ${position} in the queue.`;
      const event = { phase: "queued", message, queue: { position, waitMs } } as const;
      const isNews = position !== stage.position || nowMs - stage.toldAtMs >= TELL_AGAIN_MS;
      const toldAtMs = isNews ? nowMs : stage.toldAtMs;
      const nextMs = Math.min(untilMs, toldAtMs + TELL_AGAIN_MS);
      return {
        stage: { ...stage, position, toldAtMs },
        events: isNews ? [event] : [],
        action: { kind: "wait", untilMs: nextMs },
      };
    }
    case "taken": {
      const events = [{ phase: "launching", message: "Launching server..." }] as const;
      return startServer({ state }, stage.ground, { events });
    }
    default:
      return unreachable(seat);
  }
}
