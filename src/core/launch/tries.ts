/** The starts of a launch's servers, as values. */
import { assert } from "#base/assert.ts";
import type { SessionId, StartStep } from "../session/session.ts";
import type {
  LaunchAction,
  LaunchGround,
  ProbingStage,
  StartOutcome,
  Tried,
  Try,
} from "./launch-stage.ts";
import type { TryLook } from "./look-at-try.ts";

export type Alive = Extract<TryLook, { kind: "alive" }>;
export type Failed = Extract<TryLook, { kind: "failed" }>;

const RANK: Readonly<Record<StartStep, number>> = { placing: 0, pulling: 1, starting: 2 };

/** Where it is, its first look tells. */
export function newTry(sessionId: SessionId, nowMs: number): Try {
  return { sessionId, node: null, step: "placing", sinceMs: nowMs };
}

export function probingStage(
  tries: readonly Try[],
  ground: LaunchGround | null,
  nowMs: number,
): ProbingStage {
  return {
    kind: "probing",
    tries,
    ground,
    told: { step: "starting", atMs: nowMs },
    lookAtMs: nowMs + LOOK_FIRST_MS,
  };
}

const LOOK_FIRST_MS = 2_000;

/** A generic server that waits fits only the first start: it must not have failed already. */
export function startAction(
  ground: LaunchGround,
  { avoidNodes, starts }: Tried,
  replaces: readonly SessionId[],
): LaunchAction {
  const isWarmAllowed = starts === 1 && ground.plan.coldStartBecause === null;
  return { kind: "start", start: starts, ground, isWarmAllowed, avoidNodes, replaces };
}

/** The start that is furthest. */
export function nearestOf(tries: readonly Try[]): Try {
  let [nearest] = tries;
  assert(nearest !== undefined, "a launch that probes has started something");
  for (const one of tries) {
    if (nearest === undefined || RANK[one.step] > RANK[nearest.step]) nearest = one;
  }
  return nearest;
}

export function nodesOf(failed: readonly Failed[]): readonly (string | null)[] {
  return failed.map(({ tried }) => tried.node);
}

export function withNodes(
  known: readonly string[],
  more: readonly (string | null)[],
): readonly string[] {
  const nodes = new Set(known);
  for (const node of more) if (node !== null) nodes.add(node);
  return nodes.size === known.length ? known : [...nodes];
}

export function badOutcomes(failed: readonly Failed[]): readonly StartOutcome[] {
  const outcomes: StartOutcome[] = [];
  for (const { because, tried } of failed) {
    if (tried.node === null) continue;
    outcomes.push({ node: tried.node, isGood: false, because, tookMs: null });
  }
  return outcomes;
}
