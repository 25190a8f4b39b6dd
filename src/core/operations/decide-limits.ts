/** What the machine may do by itself: never without evidence, and never much of it at once. */
import { formatDuration, HOUR_MS, MINUTE_MS } from "#base/units.ts";
import type { Policy } from "../policy.ts";
import type { Actor, CommandKind, CommandOutcome, OperatorCommand } from "./command.ts";

export type LimitsPolicy = Pick<
  Policy,
  | "quarantineIntervalMs"
  | "quarantineShareMax"
  | "recyclesMax"
  | "disruptionsMax"
  | "loopRestartIntervalMs"
>;

/** What was done before, or is under way: then there is no outcome yet. */
export interface PastCommand {
  readonly atMs: number;
  readonly command: OperatorCommand;
  readonly actor: Pick<Actor, "kind">;
  readonly outcome: Pick<CommandOutcome, "kind"> | null;
}

export interface LimitDecision {
  readonly isAllowed: boolean;
  /** For the audit: what is allowed, and how much of it was used. */
  readonly limit: string;
}

interface Limit {
  readonly most: number;
  readonly withinMs: number;
  readonly noun: string;
  /** Which of those done before count. */
  readonly counts: (command: OperatorCommand) => boolean;
}

const PERSON: LimitDecision = { isAllowed: true, limit: "none: a person's command" };
/** These take seats away: together they have one more limit. */
const DISRUPTIVE: readonly CommandKind[] = [
  "quarantine-node",
  "cordon-node",
  "drain-node",
  "recycle-node",
];

export function decideLimits(
  wanted: {
    readonly command: OperatorCommand;
    readonly actor: Pick<Actor, "kind">;
    readonly evidence: string;
  },
  past: readonly PastCommand[],
  nodes: number,
  policy: LimitsPolicy,
  nowMs: number,
): LimitDecision {
  if (wanted.actor.kind === "person") return PERSON;
  if (wanted.evidence.trim() === "") {
    return { isAllowed: false, limit: "nothing is done without evidence (0 sentences given)" };
  }
  const limits = limitsOf(wanted.command, nodes, policy);
  const used = limits.map((limit) => usedOf(limit, past, nowMs));
  const words = limits.map((limit, i) => wordsOf(limit, used[i] ?? 0));
  const exceeded = limits.findIndex(({ most }, i) => (used[i] ?? 0) >= most);
  if (exceeded === -1) return { isAllowed: true, limit: words.join("; ") };
  return { isAllowed: false, limit: words[exceeded] ?? "" };
}

function usedOf(limit: Limit, past: readonly PastCommand[], nowMs: number): number {
  return past.filter(
    ({ actor, atMs, command, outcome }) =>
      actor.kind === "machine" &&
      outcome?.kind !== "refused" &&
      nowMs - atMs < limit.withinMs &&
      limit.counts(command),
  ).length;
}

function wordsOf({ most, noun, withinMs }: Limit, used: number): string {
  return `${most} ${noun} in ${formatDuration(withinMs)} (${used} so far)`;
}

function limitsOf(command: OperatorCommand, nodes: number, policy: LimitsPolicy): readonly Limit[] {
  const share = Math.floor(policy.quarantineShareMax * nodes);
  const disruptions: Limit = {
    most: Math.max(policy.disruptionsMax, share),
    withinMs: 10 * MINUTE_MS,
    noun: "machines taken out",
    counts: ({ kind }) => DISRUPTIVE.includes(kind),
  };
  const { kind } = command;
  const same = (most: number, withinMs: number, noun: string): Limit => ({
    ...{ most, withinMs, noun },
    counts: (other) => other.kind === kind,
  });
  switch (kind) {
    case "quarantine-node":
      return [same(1, policy.quarantineIntervalMs, "node put aside"), disruptions];
    case "recycle-node":
      return [same(recycles(policy, share), HOUR_MS, "nodes replaced"), disruptions];
    case "cordon-node":
    case "drain-node":
      return [same(Math.max(4, share), 10 * MINUTE_MS, "nodes emptied"), disruptions];
    case "restart-loop":
      return [
        {
          ...same(1, policy.loopRestartIntervalMs, `restart of loop ${command.loop}`),
          counts: (other) => other.kind === kind && other.loop === command.loop,
        },
      ];
    case "stop-session":
      return [same(20, MINUTE_MS, "sessions stopped")];
    case "cull":
      return [same(2, 10 * MINUTE_MS, "cullings")];
    case "set-nodes-max":
      return [same(6, HOUR_MS, "changes of the most nodes")];
    case "release-node":
    case "uncordon-node":
    case "set-placeholders":
    case "book":
    case "declare":
      return [same(60, 10 * MINUTE_MS, `times ${kind}`)];
    // Carried out elsewhere, with limits of their own.
    case "restart-component":
    case "surge-component":
    case "submit-release":
    case "rollback-release":
    case "shift-member":
    case "repair-quota":
    case "renew-certificate":
    case "use-fallback":
      return [same(6, 10 * MINUTE_MS, `times ${kind}`)];
  }
}

/** Many machines may be lost at once where there are many. */
function recycles({ recyclesMax }: LimitsPolicy, share: number): number {
  return recyclesMax === 0 ? 0 : Math.max(recyclesMax, share);
}
