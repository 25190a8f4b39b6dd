/** Decides which member gets how many of the launches: its weight, times what came of launches there. */
import type { Finding } from "../incident/finding.ts";
import type { Policy } from "../policy.ts";
import { judgeMember, standingFactor, unknownMember, withOutcomes } from "./judge-member.ts";
import type { MemberHealth, MemberLook, MembersObservation, MembersState } from "./member.ts";
import { memberFindings } from "./member-findings.ts";

/** A member that lost its launches, or has them again. */
export interface MemberTurn {
  readonly member: string;
  readonly to: "out" | "returning";
  readonly evidence: string;
}

export interface MembersDecision {
  readonly next: MembersState;
  readonly turns: readonly MemberTurn[];
  readonly findings: readonly Finding[];
}

export function decideMembers(
  state: MembersState,
  observed: MembersObservation,
  policy: Policy,
  nowMs: number,
): MembersDecision {
  const before: Record<string, MemberHealth> = {};
  const after: Record<string, MemberHealth> = {};
  for (const look of observed.members) {
    const known = state.members[look.name] ?? unknownMember(nowMs);
    const added = observed.outcomes.filter(({ member }) => member === look.name);
    const seen = looked(withOutcomes(known, added, policy, nowMs), look, observed, nowMs);
    before[look.name] = seen;
    after[look.name] = judgeMember(seen, policy, nowMs);
  }
  const weighty = observed.members.filter(({ weight }) => weight > 0);
  const out = weighty.filter(({ name }) => after[name]?.standing === "out");
  const isMass =
    out.length > weighty.length * policy.memberEjectedShareMax &&
    Object.keys(state.weights).length > 0;
  // Those who come back may, but nobody else is taken out.
  const members = isMass ? withoutNewlyOut(before, after) : after;
  const staticSinceMs = isMass ? (state.staticSinceMs ?? nowMs) : null;
  const weights = isMass ? state.weights : weightsOf(observed, members, policy, nowMs);
  const next: MembersState = { members, weights, staticSinceMs };
  return {
    next,
    turns: turnsOf(before, members),
    findings: memberFindings(next, observed, out.length, policy, nowMs),
  };
}

/** Takes a member's launches away for another reason than what came of them; its canaries bring it back. */
export function takeOut(
  state: MembersState,
  member: string,
  because: string,
  nowMs: number,
): MembersState {
  const health = state.members[member];
  if (health === undefined || health.standing === "out") return state;
  const others = Object.entries(state.weights).filter(([name]) => name !== member);
  if (!others.some(([, weight]) => weight > 0)) return state;
  const out: MemberHealth = { ...health, standing: "out", sinceMs: nowMs, because };
  return {
    ...state,
    members: { ...state.members, [member]: out },
    weights: { ...state.weights, [member]: 0 },
  };
}

function looked(
  health: MemberHealth,
  { release, isFull }: MemberLook,
  { declaredRelease }: MembersObservation,
  nowMs: number,
): MemberHealth {
  const isSkewed = declaredRelease !== null && release !== declaredRelease;
  const skewedSinceMs = isSkewed ? (health.skewedSinceMs ?? nowMs) : null;
  const fullSinceMs = isFull ? (health.fullSinceMs ?? nowMs) : null;
  if (skewedSinceMs === health.skewedSinceMs && fullSinceMs === health.fullSinceMs) return health;
  return { ...health, skewedSinceMs, fullSinceMs };
}

function withoutNewlyOut(
  before: Readonly<Record<string, MemberHealth>>,
  after: Readonly<Record<string, MemberHealth>>,
): Readonly<Record<string, MemberHealth>> {
  const members: Record<string, MemberHealth> = {};
  for (const [name, health] of Object.entries(after)) {
    const was = before[name] ?? health;
    members[name] = health.standing === "out" && was.standing !== "out" ? was : health;
  }
  return members;
}

/** Never all 0: with nobody to prefer, everybody who is not failing has the launches, then everybody. */
function weightsOf(
  { members }: MembersObservation,
  health: Readonly<Record<string, MemberHealth>>,
  policy: Policy,
  nowMs: number,
): Readonly<Record<string, number>> {
  const factor = ({ name }: MemberLook): number => {
    const own = health[name];
    if (own === undefined) return 0;
    const skew = own.skewedSinceMs === null ? 1 : policy.memberSkewFactor;
    return standingFactor(own, policy, nowMs) * skew;
  };
  const choices: readonly ((look: MemberLook) => number)[] = [
    (look) => (look.isFull ? 0 : look.weight * factor(look)),
    (look) => look.weight * factor(look),
    (look) => look.weight,
  ];
  let weights: Record<string, number> = {};
  for (const choice of choices) {
    weights = Object.fromEntries(members.map((look) => [look.name, choice(look)]));
    if (Object.values(weights).some((weight) => weight > 0)) break;
  }
  return weights;
}

function turnsOf(
  before: Readonly<Record<string, MemberHealth>>,
  after: Readonly<Record<string, MemberHealth>>,
): readonly MemberTurn[] {
  const turns: MemberTurn[] = [];
  for (const [member, { standing, because }] of Object.entries(after)) {
    if (before[member]?.standing === standing || standing === "in") continue;
    const evidence = because ?? "its canaries were green in a row";
    turns.push({ member, to: standing, evidence });
  }
  return turns;
}
