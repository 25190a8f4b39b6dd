/** Judges a member by what came of launches there, and of nothing that it says about itself. */
import type { Policy } from "../policy.ts";
import { OUTCOMES_KEPT_MAX, type MemberHealth, type MemberOutcome } from "./member.ts";

/** At a member that comes back less is forgiven. */
const RETURNING_FAILURES_MAX = 2;
/** Failures among many launches, before their share says anything. */
const RATIO_FAILURES_MIN = 5;
/** Share of its weight that a member begins with when it returns. */
const RAMP_START = 0.1;

export function unknownMember(nowMs: number): MemberHealth {
  return {
    standing: "in",
    sinceMs: nowMs,
    because: null,
    outcomes: [],
    skewedSinceMs: null,
    fullSinceMs: null,
  };
}

export function withOutcomes(
  health: MemberHealth,
  added: readonly MemberOutcome[],
  policy: Policy,
  nowMs: number,
): MemberHealth {
  const fromMs = nowMs - policy.memberOutcomeWindowMs;
  const [oldest] = health.outcomes;
  if (added.length === 0 && (oldest === undefined || oldest.atMs >= fromMs)) return health;
  const outcomes = [...health.outcomes, ...added].filter(({ atMs }) => atMs >= fromMs);
  return { ...health, outcomes: outcomes.slice(-OUTCOMES_KEPT_MAX) };
}

/** The next standing of a member; where nothing changes it is the same object. */
export function judgeMember(health: MemberHealth, policy: Policy, nowMs: number): MemberHealth {
  const since = health.outcomes.filter(({ atMs }) => atMs > health.sinceMs);
  switch (health.standing) {
    case "out": {
      const greens = trailing(since.filter(isCanary), true).length;
      if (greens < policy.memberGreensToReturn) return health;
      return { ...health, standing: "returning", sinceMs: nowMs, because: null };
    }
    case "returning": {
      const because = failing(since, RETURNING_FAILURES_MAX, policy);
      if (because !== null) return { ...health, standing: "out", sinceMs: nowMs, because };
      if (nowMs - health.sinceMs < policy.memberRampMs) return health;
      return { ...health, standing: "in", sinceMs: nowMs };
    }
    case "in": {
      const because = failing(since, policy.memberFailuresMax, policy);
      return because === null ? health : { ...health, standing: "out", sinceMs: nowMs, because };
    }
  }
}

/** The part of its weight that a member's standing leaves it. */
export function standingFactor(health: MemberHealth, policy: Policy, nowMs: number): number {
  if (health.standing === "in") return 1;
  if (health.standing === "out") return 0;
  const share = policy.memberRampMs > 0 ? (nowMs - health.sinceMs) / policy.memberRampMs : 1;
  return Math.min(1, RAMP_START + (1 - RAMP_START) * share);
}

function failing(
  outcomes: readonly MemberOutcome[],
  failuresMax: number,
  policy: Policy,
): string | null {
  if (!Number.isFinite(policy.memberFailureRatioMax)) return null;
  const inRow = trailing(outcomes, false);
  const last = inRow.at(-1)?.because ?? "without a reason";
  if (inRow.length >= failuresMax && isTheMembers(inRow))
    return `${inRow.length} launches in a row failed there: ${last}`;
  const failures = outcomes.filter(({ isGood }) => !isGood);
  const isMany =
    failures.length >= RATIO_FAILURES_MIN &&
    failures.length >= outcomes.length * policy.memberFailureRatioMax;
  if (!isMany || !isTheMembers(failures)) return null;
  return `${failures.length} of ${outcomes.length} launches failed there: ${failures.at(-1)?.because ?? "without a reason"}`;
}

/** One repository alone may be broken itself; our canaries are not. */
function isTheMembers(failures: readonly MemberOutcome[]): boolean {
  return failures.every(isCanary) || new Set(failures.map(({ repoKey }) => repoKey)).size > 1;
}

function isCanary({ repoKey }: MemberOutcome): boolean {
  return repoKey === null;
}

function trailing(outcomes: readonly MemberOutcome[], isGood: boolean): readonly MemberOutcome[] {
  const other = outcomes.findLastIndex((outcome) => outcome.isGood !== isGood);
  return outcomes.slice(other + 1);
}
