/** What the machine does about incidents: one remedy after the other, each within its limit. */
import { SECOND_MS } from "#base/units.ts";
import type { OperatorCommand } from "../operations/command.ts";
import type { Policy } from "../policy.ts";
import { type Attempt, withinLimit } from "./action-limits.ts";
import type { Incident } from "./incident.ts";
import { evidenceOf, openSinceMs } from "./timeline.ts";
import { type RemedyFacts, remediesFor } from "./remedies.ts";

export interface Action {
  readonly incident: string;
  readonly command: OperatorCommand;
  readonly evidence: string;
  readonly limit: string;
}

export interface ActionDecision {
  readonly actions: readonly Action[];
  /** Incidents for which everything was tried in vain. */
  readonly exhausted: ReadonlySet<string>;
}

/** A loop is restarted by the control plane itself; from outside only when that did not help. */
const LOOP_PATIENCE_MS = 120 * SECOND_MS;
/** A refusal is no attempt, and a failure may be of the moment: both are tried again. */
const RETRY_MS = 15 * SECOND_MS;
const TRIES_MAX = 3;

/** `attempts`: newest last; those of older incidents count for the limits. */
export function decideActions(
  incidents: readonly Incident[],
  facts: RemedyFacts,
  attempts: readonly Attempt[],
  policy: Policy,
  nowMs: number,
): ActionDecision {
  const actions: Action[] = [];
  const exhausted = new Set<string>();
  const all = [...attempts];
  for (const incident of incidents) {
    if (!needsAction(incident)) continue;
    // What was tried before it was opened again did help then.
    const sinceMs = openSinceMs(incident);
    const mine = attempts.filter(
      (attempt) => attempt.incident === incident.id && attempt.atMs >= sinceMs,
    );
    const step = nextRemedy(incident, facts, mine, policy, nowMs);
    if (step === "exhausted") exhausted.add(incident.id);
    if (step === "wait" || step === "exhausted") continue;
    const { isAllowed, limit } = withinLimit(step, all, facts.components, policy, nowMs);
    if (!isAllowed) continue;
    const evidence = evidenceOf(incident);
    actions.push({ incident: incident.id, command: step, evidence, limit });
    all.push({ incident: incident.id, command: step, atMs: nowMs, outcome: null });
  }
  return { actions, exhausted };
}

function needsAction({ goneSinceMs, severity, state }: Incident): boolean {
  return state === "open" && goneSinceMs === null && severity !== "note";
}

function nextRemedy(
  incident: Incident,
  facts: RemedyFacts,
  mine: readonly Attempt[],
  policy: Policy,
  nowMs: number,
): OperatorCommand | "wait" | "exhausted" {
  if (incident.cause === "loop-stalled" && nowMs - incident.openedAtMs < LOOP_PATIENCE_MS)
    return "wait";
  const remedies = remediesFor(incident.cause, incident.subject, facts);
  if (mine.some(({ outcome }) => outcome === null)) return "wait";
  const last = mine.at(-1);
  const waitMs = isQuick(incident) ? policy.edgeRestartIntervalMs : policy.remedyWaitMs;
  if (last?.outcome === "done" && nowMs - last.atMs < waitMs) return "wait";
  if (last !== undefined && last.outcome !== "done" && nowMs - last.atMs < RETRY_MS) return "wait";
  const left = untried(remedies, mine);
  if (left !== undefined) return left;
  return mine.length > 0 ? "exhausted" : "wait";
}

/** The first that is left when every attempt is taken off; what stands twice may be tried twice. */
function untried(
  remedies: readonly OperatorCommand[],
  mine: readonly Attempt[],
): OperatorCommand | undefined {
  const spent = new Map<string, number>();
  for (const [word, tries] of triesByCommand(mine))
    spent.set(word, tries.done + Math.floor(tries.vain / TRIES_MAX));
  return remedies.find((remedy) => {
    const word = wordOf(remedy);
    const left = spent.get(word) ?? 0;
    if (left === 0) return true;
    spent.set(word, left - 1);
    return false;
  });
}

function triesByCommand(
  mine: readonly Attempt[],
): ReadonlyMap<string, { readonly done: number; readonly vain: number }> {
  const tries = new Map<string, { done: number; vain: number }>();
  for (const { command, outcome } of mine) {
    const before = tries.get(wordOf(command)) ?? { done: 0, vain: 0 };
    if (outcome === "done") before.done += 1;
    else before.vain += 1;
    tries.set(wordOf(command), before);
  }
  return tries;
}

/** The same command, whichever nodes it avoids just now. */
function wordOf(command: OperatorCommand): string {
  if (command.kind === "surge-component") return `${command.kind} ${command.role}`;
  return JSON.stringify(command);
}

/** All replicas of the edge are restarted in turn, as fast as the limit allows. */
function isQuick({ cause }: Incident): boolean {
  return cause === "edge-down" || cause === "edge-unschedulable";
}
