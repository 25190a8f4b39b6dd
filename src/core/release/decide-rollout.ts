/** Decides the next step of a release: nothing is touched unproven, and what turns out bad goes back. */
import { MINUTE_MS, SECOND_MS, formatDuration } from "#base/units.ts";
import type { Policy } from "../policy.ts";
import { type BakeSample, judgeBake } from "./judge-bake.ts";
import {
  ENDED_KEPT_MAX,
  type GateCanary,
  type ReleaseStage,
  type ReleaseState,
  type Rollout,
  type RolloutCause,
  type RolloutEnd,
  type RolloutPhase,
  type RolloutStep,
  type StepResult,
} from "./release.ts";
import { isHeld, makeRoom, type ReleaseHold } from "./shedding.ts";

export interface RolloutObservation {
  /** The answer to the step that is under way, when it came. */
  readonly result: StepResult | null;
  /** People are being turned away or queued by an incident: not the time for changes. */
  readonly hold: ReleaseHold;
  /** Of production, in order of time, from before the deployment on. */
  readonly samples: readonly BakeSample[];
}

export interface RolloutDecision {
  readonly next: ReleaseState;
  readonly step: RolloutStep | null;
}

const RETRY_FIRST_MS = 5 * SECOND_MS;
const RETRY_LAST_MS = 1 * MINUTE_MS;
const RETURN_RETRY_MS = 5 * SECOND_MS;

export function decideRollout(
  state: ReleaseState,
  observed: RolloutObservation,
  policy: Policy,
  nowMs: number,
): RolloutDecision {
  const free = makeRoom(state, observed.hold);
  const begun = free.current === null ? begin(free, observed.hold, nowMs) : free;
  if (begun.current === null) return { next: begun, step: null };
  const answered = takeIn(begun, begun.current, observed.result, policy, nowMs);
  if (answered.current === null) return { next: answered, step: null };
  const judged = judge(answered, answered.current, observed, policy, nowMs);
  if (judged.current === null || judged.current.underWay !== null)
    return { next: judged, step: null };
  return ask(judged, judged.current, observed.hold, policy, nowMs);
}

function begin(state: ReleaseState, hold: ReleaseHold, nowMs: number): ReleaseState {
  const urgent = state.queue.find(({ isEmergency }) => isEmergency);
  const wish = urgent ?? (hold === "everything" ? undefined : state.queue[0]);
  if (wish === undefined) return state;
  const current: Rollout = {
    release: wish.release,
    isEmergency: wish.isEmergency,
    submittedAtMs: wish.atMs,
    phase: "preflight",
    phaseSinceMs: nowMs,
    previous: null,
    touched: [],
    underWay: null,
    failures: 0,
    retryAtMs: nowMs,
    fall: null,
  };
  return { ...state, queue: state.queue.filter((other) => other !== wish), current };
}

/** Reads the answer of the step that is under way, or notices that there is none in time. */
function takeIn(
  state: ReleaseState,
  rollout: Rollout,
  result: StepResult | null,
  policy: Policy,
  nowMs: number,
): ReleaseState {
  const { underWay } = rollout;
  if (underWay === null) return state;
  if (result === null || result.id !== underWay.id) {
    const limitMs = stepLimitMs(rollout.phase, policy);
    if (nowMs - underWay.sinceMs < limitMs) return state;
    return stumble(state, rollout, `no answer within ${formatDuration(limitMs)}`, policy, nowMs);
  }
  const rested: Rollout = { ...rollout, underWay: null };
  switch (result.kind) {
    case "failed":
      if (result.isTransient) return stumble(state, rested, result.because, policy, nowMs);
      return giveUp(state, rested, "deploy-failed", result.because, policy, nowMs);
    case "inspected":
      return inspected(state, rested, result.missing, result.current, nowMs);
    case "gated":
      return gated(state, rested, result.canaries, nowMs);
    case "deployed":
      return deployed(state, rested, policy, nowMs);
  }
}

function stepLimitMs(phase: RolloutPhase, policy: Policy): number {
  if (phase === "preflight" && policy.releasePreflightMs > 0) return policy.releasePreflightMs;
  const rounds = Math.ceil(policy.releaseGateCanaries / Math.max(1, policy.releaseGateParallel));
  if (phase === "gate") return (rounds + 1) * policy.releaseGateCanaryTimeoutMs;
  return policy.releaseStepTimeoutMs;
}

function inspected(
  state: ReleaseState,
  rollout: Rollout,
  missing: readonly string[],
  current: Readonly<Record<ReleaseStage, string>>,
  nowMs: number,
): ReleaseState {
  if (missing.length > 0) {
    const because = `${rollout.release} refers to what does not exist: ${missing.join(", ")}`;
    return end(state, rollout, "refused", "missing-artifact", because, nowMs);
  }
  if (current.production === rollout.release)
    return end(state, rollout, "done", null, "it is in production already", nowMs);
  return enter(state, { ...rollout, previous: current }, "staging", nowMs);
}

function gated(
  state: ReleaseState,
  rollout: Rollout,
  canaries: readonly GateCanary[],
  nowMs: number,
): ReleaseState {
  const bad = canaries.find((canary) => !canary.hasReached || canary.wasToldTooEarly);
  if (bad === undefined) return enter(state, rollout, "production", nowMs);
  const what = bad.wasToldTooEarly ? "was told ready before its session answered" : "failed";
  const because = `a ${bad.kind} canary ${what}${bad.because === null ? "" : `: ${bad.because}`}`;
  return fall(state, rollout, "gate", because, nowMs);
}

function deployed(
  state: ReleaseState,
  rollout: Rollout,
  policy: Policy,
  nowMs: number,
): ReleaseState {
  switch (rollout.phase) {
    case "staging": {
      const hasGate = policy.releaseGateCanaries > 0;
      return enter(state, rollout, hasGate ? "gate" : "production", nowMs);
    }
    case "production":
      return enter(state, rollout, "bake", nowMs);
    case "rolling-back": {
      const left = rollout.touched.slice(0, -1);
      const rest: Rollout = { ...rollout, touched: left, failures: 0, retryAtMs: nowMs };
      if (left.length > 0) return { ...state, current: rest };
      const { cause, because } = rollout.fall ?? { cause: null, because: "" };
      return end(state, rest, "rolled-back", cause, because, nowMs);
    }
    case "preflight":
    case "gate":
    case "bake":
      return { ...state, current: rollout };
  }
}

function judge(
  state: ReleaseState,
  rollout: Rollout,
  { samples }: RolloutObservation,
  policy: Policy,
  nowMs: number,
): ReleaseState {
  if (rollout.phase !== "bake") return state;
  if (nowMs - rollout.phaseSinceMs >= policy.releaseBakeMs)
    return end(state, rollout, "done", null, "nothing spoke against it", nowMs);
  const urgent = state.queue.find(({ isEmergency }) => isEmergency);
  if (urgent !== undefined)
    return end(state, rollout, "done", null, `${urgent.release} is urgent`, nowMs);
  const because = judgeBake(samples, rollout.phaseSinceMs, policy, nowMs);
  return because === null ? state : fall(state, rollout, "slope", because, nowMs);
}

function ask(
  state: ReleaseState,
  rollout: Rollout,
  hold: ReleaseHold,
  policy: Policy,
  nowMs: number,
): RolloutDecision {
  if (nowMs < rollout.retryAtMs || isHeld(rollout, hold)) return { next: state, step: null };
  const id = state.nextStepId;
  const step = stepOf(rollout, id, policy);
  if (step === null) return { next: state, step };
  const stage = step.kind === "deploy" && rollout.fall === null ? step.stage : null;
  const isFirst = stage !== null && !rollout.touched.includes(stage);
  const touched = stage !== null && isFirst ? [...rollout.touched, stage] : rollout.touched;
  const current: Rollout = { ...rollout, touched, underWay: { id, sinceMs: nowMs } };
  return { next: { ...state, current, nextStepId: id + 1 }, step };
}

function stepOf(rollout: Rollout, id: number, policy: Policy): RolloutStep | null {
  const { release, phase, previous } = rollout;
  switch (phase) {
    case "preflight":
      return { kind: "inspect", id, release, withArtifacts: policy.releasePreflightMs > 0 };
    case "staging":
    case "production":
      return { kind: "deploy", id, release, stage: phase, rollbackBecause: null };
    case "gate": {
      const cold = Math.floor(policy.releaseGateCanaries / 2);
      return { kind: "gate", id, release, cached: policy.releaseGateCanaries - cold, cold };
    }
    case "bake":
      return null;
    case "rolling-back": {
      const stage = rollout.touched.at(-1);
      if (stage === undefined || previous === null) return null;
      const rollbackBecause = rollout.fall?.because ?? "";
      return { kind: "deploy", id, release: previous[stage], stage, rollbackBecause };
    }
  }
}

/** A fault of the moment: the same step again, later each time; the way back is never given up. */
function stumble(
  state: ReleaseState,
  rollout: Rollout,
  because: string,
  policy: Policy,
  nowMs: number,
): ReleaseState {
  const failures = rollout.failures + 1;
  const isReturn = rollout.phase === "rolling-back";
  if (failures > policy.releaseRetriesMax && !isReturn)
    return giveUp(state, rollout, "transient", `${failures} times: ${because}`, policy, nowMs);
  const waitMs = isReturn
    ? RETURN_RETRY_MS
    : Math.min(RETRY_LAST_MS, RETRY_FIRST_MS * 2 ** (failures - 1));
  const current = { ...rollout, underWay: null, failures, retryAtMs: nowMs + waitMs };
  return { ...state, current };
}

function giveUp(
  state: ReleaseState,
  rollout: Rollout,
  cause: RolloutCause,
  because: string,
  policy: Policy,
  nowMs: number,
): ReleaseState {
  if (rollout.phase === "rolling-back") return stumble(state, rollout, because, policy, nowMs);
  if (rollout.touched.length === 0) return end(state, rollout, "refused", cause, because, nowMs);
  return fall(state, rollout, cause, because, nowMs);
}

/** From now on the way leads back. */
export function fall(
  state: ReleaseState,
  rollout: Rollout,
  cause: RolloutCause,
  because: string,
  nowMs: number,
): ReleaseState {
  const fallen = { ...rollout, fall: { cause, because, atMs: nowMs } };
  return enter(state, fallen, "rolling-back", nowMs);
}

function enter(
  state: ReleaseState,
  rollout: Rollout,
  phase: RolloutPhase,
  nowMs: number,
): ReleaseState {
  const fresh = { underWay: null, failures: 0, retryAtMs: nowMs };
  return { ...state, current: { ...rollout, ...fresh, phase, phaseSinceMs: nowMs } };
}

function end(
  state: ReleaseState,
  rollout: Rollout,
  outcome: RolloutEnd["outcome"],
  cause: RolloutCause | null,
  because: string,
  nowMs: number,
): ReleaseState {
  const { release, previous, touched } = rollout;
  const ended: RolloutEnd = { release, atMs: nowMs, outcome, cause, because, previous, touched };
  return { ...state, current: null, ended: [ended, ...state.ended].slice(0, ENDED_KEPT_MAX) };
}
