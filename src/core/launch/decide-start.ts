/** From a seat to a server that answers: started, watched, tried elsewhere, raced against a rival. */
import { SECOND_MS } from "#base/units.ts";
import { failure, type Failure } from "../errors.ts";
import type { ObservedSession, SessionId } from "../session/session.ts";
import { fail, idsOf, livingSessions, ready } from "./launch-ends.ts";
import type {
  LaunchAnswer,
  LaunchDecision,
  LaunchGround,
  ProbingStage,
  StartingStage,
  StartOutcome,
  Tried,
  Try,
} from "./launch-stage.ts";
import { lookAtTry, type TryLook } from "./look-at-try.ts";
import { hedgeAtMs, type StartContext } from "./start-context.ts";
import {
  type Alive,
  badOutcomes,
  type Failed,
  newTry,
  nodesOf,
  probingStage,
  startAction,
  withNodes,
} from "./tries.ts";
import { look, watch } from "./watch-tries.ts";

/** One of two sessions was used when its last activity is later by this than the other's. */
const USED_MS = 30 * SECOND_MS;

export function startServer(
  { state }: Pick<StartContext, "state">,
  ground: LaunchGround,
  how: {
    readonly events: LaunchDecision["events"];
    readonly replaces?: readonly SessionId[];
    readonly beside?: readonly Try[];
    readonly avoid?: readonly (string | null)[];
    readonly outcomes?: readonly StartOutcome[];
  },
): LaunchDecision {
  const { beside = [], events, outcomes = [], replaces = [] } = how;
  const { avoidNodes, givenUp, starts } = state.tried;
  const tried: Tried = {
    ...state.tried,
    starts: starts + 1,
    avoidNodes: withNodes(avoidNodes, how.avoid ?? []),
    givenUp: [...givenUp, ...replaces],
  };
  const action = startAction(ground, tried, replaces);
  return { stage: { kind: "starting", ground, beside }, events, action, tried, outcomes };
}

export function afterStart(
  context: StartContext,
  stage: StartingStage,
  answer: LaunchAnswer | null,
): LaunchDecision {
  const { nowMs, observed, state } = context;
  const { beside, ground } = stage;
  const found = livingSessions(state, observed).filter(
    ({ record }) => !beside.some(({ sessionId }) => sessionId === record.id),
  );
  if (answer?.kind === "failed") {
    if (beside.length > 0) return probing(context, probingStage(beside, ground, nowMs), null);
    return again(context, ground, { why: answer.failure, failed: [], left: idsOf(found) });
  }
  const sessionId = answer?.kind === "started" ? answer.sessionId : found[0]?.record.id;
  if (sessionId === undefined) {
    return { stage, events: [], action: startAction(ground, state.tried, []) };
  }
  const tries = [...beside, newTry(sessionId, nowMs)];
  return probing(context, probingStage(tries, ground, nowMs), null);
}

/** Sessions that were found after a restart: one is kept, and which is seen when one answers. */
export function adopt(context: StartContext, living: readonly ObservedSession[]): LaunchDecision {
  const { nowMs, state } = context;
  const latestMs = Math.max(...living.map(({ lastActivityAtMs }) => lastActivityAtMs));
  const kept = living.filter(({ lastActivityAtMs }) => latestMs - lastActivityAtMs < USED_MS);
  const dropped = idsOf(living.filter((session) => !kept.includes(session)));
  const tried: Tried = {
    ...state.tried,
    starts: Math.max(state.tried.starts, living.length),
    givenUp: [...state.tried.givenUp, ...dropped],
  };
  const stage = probingStage(
    idsOf(kept).map((id) => newTry(id, nowMs)),
    null,
    nowMs,
  );
  if (dropped.length > 0) {
    return { stage, events: [], tried, action: { kind: "drop", sessionIds: dropped } };
  }
  return { tried, ...probing({ ...context, state: { ...state, tried } }, stage, null) };
}

export function probing(
  context: StartContext,
  stage: ProbingStage,
  answer: LaunchAnswer | null,
): LaunchDecision {
  const { nowMs, observed, policy, state } = context;
  if (answer === null && state.tried.outageSinceMs !== null) return look(context, stage);
  const sessionOf = (id: SessionId) => observed.sessions.find(({ record }) => record.id === id);
  const looks = stage.tries.map((one) =>
    lookAtTry(one, sessionOf(one.sessionId) ?? null, policy, nowMs),
  );
  if (answer?.kind === "probed" && answer.answering !== null) {
    const winner = sessionOf(answer.answering);
    if (winner !== undefined && winner.state.kind !== "ended") {
      return won(context, stage, winner, looks);
    }
  }
  const alive: Alive[] = [];
  const failed: Failed[] = [];
  for (const one of looks) {
    if (one.kind === "alive") alive.push(one);
    else failed.push(one);
  }
  const first = failed[0];
  if (alive.length === 0 && first !== undefined) {
    return again(context, stage.ground, { why: first.why, failed });
  }
  const next = { ...stage, tries: alive.map(({ tried }) => tried) };
  if (failed.length > 0) return drop(context, next, failed);
  return hedge(context, next, alive) ?? watch(context, next, alive, answer);
}

function won(
  { nowMs, policy }: StartContext,
  { ground, tries }: ProbingStage,
  winner: ObservedSession,
  looks: readonly TryLook[],
): LaunchDecision {
  const { id, claimedAtMs, createdAtMs } = winner.record;
  const outcomes: StartOutcome[] = [];
  for (const { tried } of looks) {
    const { node, sinceMs, sessionId, step } = tried;
    if (node === null || step !== "starting") continue;
    const tookMs = nowMs - sinceMs;
    if (sessionId === id) {
      const isCold = ground !== null && claimedAtMs !== null && claimedAtMs <= createdAtMs;
      outcomes.push({ node, isGood: true, because: null, tookMs: isCold ? tookMs : null });
    } else if (tookMs >= policy.launchHedgeMs) {
      const because = "silent-while-another-answered";
      outcomes.push({ node, isGood: false, because, tookMs: null });
    }
  }
  const others = tries.map(({ sessionId }) => sessionId).filter((other) => other !== id);
  return { ...ready(winner, others), outcomes };
}

function drop(
  { state }: StartContext,
  stage: ProbingStage,
  failed: readonly Failed[],
): LaunchDecision {
  const sessionIds = failed.map(({ tried }) => tried.sessionId);
  const tried: Tried = {
    ...state.tried,
    givenUp: [...state.tried.givenUp, ...sessionIds],
    avoidNodes: withNodes(state.tried.avoidNodes, nodesOf(failed)),
  };
  return {
    stage,
    events: [],
    tried,
    outcomes: badOutcomes(failed),
    action: { kind: "drop", sessionIds },
  };
}

/**
 * A second server elsewhere; the silent one is not given up, for it may only be slow. Where no seat
 * is left for both it has to make room.
 */
function hedge(
  context: StartContext,
  { ground, tries }: ProbingStage,
  alive: readonly Alive[],
): LaunchDecision | null {
  const { nowMs, observed } = context;
  const [only] = tries;
  if (ground === null || only === undefined || alive.length > 1) return null;
  if (nowMs < hedgeAtMs(context, only)) return null;
  if (!observed.hasSpareSeat) {
    const why = failure("session-start-timeout", "The server is silent for long.");
    const because = "unreachable-after-start";
    return again(context, ground, { why, failed: [{ kind: "failed", tried: only, why, because }] });
  }
  const message = "The server is silent for long: another one is started on another machine.";
  return startServer(context, ground, {
    events: [{ phase: "launching", message }],
    beside: tries,
    avoid: [only.node],
  });
}

/** Tries elsewhere what failed for the platform's reasons; gives up on everything else. */
function again(
  context: StartContext,
  ground: LaunchGround | null,
  what: {
    readonly why: Failure;
    readonly failed: readonly Failed[];
    /** What half a start left behind. */
    readonly left?: readonly SessionId[];
  },
): LaunchDecision {
  const { observed, policy, state } = context;
  const { failed, why } = what;
  const left = what.left ?? failed.map(({ tried }) => tried.sessionId);
  const outcomes = badOutcomes(failed);
  const isWorthIt = why.fault === "platform" && why.retriable;
  if (!isWorthIt || state.tried.starts >= policy.launchAttemptsMax) {
    const living = idsOf(livingSessions(state, observed));
    return { ...fail(why, [...new Set([...left, ...living])]), outcomes };
  }
  const events = [
    { phase: "launching", message: `${why.message} Trying once more.` },
  ] as const satisfies LaunchDecision["events"];
  const avoid = nodesOf(failed);
  if (ground !== null) {
    return startServer(context, ground, { events, replaces: left, avoid, outcomes });
  }
  // Found after a restart: what it was made from is looked up anew.
  const tried: Tried = {
    ...state.tried,
    avoidNodes: withNodes(state.tried.avoidNodes, avoid),
    givenUp: [...state.tried.givenUp, ...left],
  };
  const action = { kind: "drop", sessionIds: left } as const;
  return { stage: { kind: "resolving" }, events, tried, outcomes, action };
}
