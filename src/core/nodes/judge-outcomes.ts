/** What real launches say of nodes: failures of different repositories blame the node, else the repository. */
import { formatDuration } from "#base/units.ts";
import type { Finding } from "../incident/finding.ts";
import { admits, type NodeObservation, type NodeOutcome } from "./node.ts";
import type { NodeFault, NodePolicy, OutcomeMemory, StuckStarts } from "./node-health.ts";

/** Failures that are kept; more of them say nothing new. */
const FAILURES_MAX = 500;
/** Repositories that fail on the emptiest node before that is strange. */
const PARADOX_REPOS = 2;

/** Adds what is new and forgets what is old; the same object when nothing changed. */
export function rememberOutcomes(
  memory: OutcomeMemory,
  outcomes: readonly NodeOutcome[],
  policy: NodePolicy,
  nowMs: number,
): OutcomeMemory {
  const fromMs = nowMs - policy.nodeOutcomeWindowMs;
  const [oldest] = memory.failures;
  const hasOld = oldest !== undefined && oldest.atMs < fromMs;
  if (outcomes.length === 0 && !hasOld) return memory;
  const failures = memory.failures.filter(({ atMs }) => atMs >= fromMs);
  for (const outcome of outcomes) if (!outcome.isGood) failures.push(outcome);
  const failed = new Set(failures.map(({ repoKey }) => repoKey));
  const goodAtMs = new Map(memory.goodAtMs);
  const repoGoodAtMs = new Map<string, number>();
  for (const [repo, atMs] of memory.repoGoodAtMs)
    if (failed.has(repo)) repoGoodAtMs.set(repo, atMs);
  for (const { atMs, isGood, node, repoKey } of outcomes) {
    if (!isGood) continue;
    goodAtMs.set(node, atMs);
    if (failed.has(repoKey)) repoGoodAtMs.set(repoKey, atMs);
  }
  return { failures: failures.slice(-FAILURES_MAX), goodAtMs, repoGoodAtMs };
}

/** A node that is taken back begins anew; one that is gone is forgotten. */
export function forgetNodes(
  memory: OutcomeMemory,
  isForgotten: (node: string) => boolean,
): OutcomeMemory {
  const failures = memory.failures.filter(({ node }) => !isForgotten(node));
  const goodAtMs = new Map([...memory.goodAtMs].filter(([node]) => !isForgotten(node)));
  return { ...memory, failures, goodAtMs };
}

export interface OutcomeVerdict {
  readonly faults: ReadonlyMap<string, NodeFault>;
  readonly findings: readonly Finding[];
}

const NOTHING: OutcomeVerdict = { faults: new Map(), findings: [] };

export function judgeOutcomes(
  memory: OutcomeMemory,
  nodes: readonly NodeObservation[],
  stuck: ReadonlyMap<string, StuckStarts>,
  policy: NodePolicy,
  nowMs: number,
): OutcomeVerdict {
  if (policy.nodeOutcomeFailuresMax === Number.POSITIVE_INFINITY) return NOTHING;
  if (nodes.length < 2 || (memory.failures.length === 0 && stuck.size === 0)) return NOTHING;
  const broken = brokenRepos(memory);
  const blamed = nodes.map((node) => tally(node, memory, stuck.get(node.name), broken, nowMs));
  const faults = new Map<string, NodeFault>();
  for (const one of blamed) {
    if (one.repos.size < policy.nodeOutcomeFailuresMax) continue;
    const because = `${one.repos.size} repositories failed on node ${one.node.name} in ${age(one, nowMs)} and none got ready${lastReason(one)}.`;
    faults.set(one.node.name, {
      cause: "node-launch-failures",
      because,
      sinceMs: one.sinceMs,
      isOfMachine: false,
    });
  }
  const findings = broken.size === 0 ? [] : repoFindings(memory, broken, policy);
  const taking = nodes.filter(admits).length;
  if (faults.size >= 2 && faults.size > taking / 2) {
    return { faults: new Map(), findings: [...findings, everywhere(faults, taking)] };
  }
  const paradox = paradoxOf(blamed, memory);
  if (paradox !== null && !faults.has(paradox.node.name)) {
    faults.set(paradox.node.name, paradoxFault(paradox, nowMs));
  }
  return { faults, findings };
}

interface Tally {
  readonly node: NodeObservation;
  readonly repos: ReadonlySet<string>;
  readonly sinceMs: number;
  readonly because: string | null;
}

/** Failures on the node since something on it went well. */
function tally(
  node: NodeObservation,
  memory: OutcomeMemory,
  stuck: StuckStarts | undefined,
  broken: ReadonlySet<string>,
  nowMs: number,
): Tally {
  const repos = new Set<string>();
  let sinceMs = nowMs;
  let because: string | null = null;
  const goodAtMs = Math.max(memory.goodAtMs.get(node.name) ?? -1, node.createdAtMs - 1);
  for (const failed of memory.failures) {
    if (failed.node !== node.name || failed.atMs <= goodAtMs || broken.has(failed.repoKey))
      continue;
    repos.add(failed.repoKey);
    sinceMs = Math.min(sinceMs, failed.atMs);
    because = failed.because;
  }
  for (const repo of stuck?.repoKeys ?? []) {
    if (broken.has(repo)) continue;
    repos.add(repo);
    because ??= "stuck-before-start";
  }
  if (stuck !== undefined && repos.size > 0) sinceMs = Math.min(sinceMs, nowMs - stuck.oldestMs);
  return { node, repos, sinceMs, because };
}

/** Those that fail on several nodes, and went well nowhere since. */
function brokenRepos({ failures, repoGoodAtMs }: OutcomeMemory): ReadonlySet<string> {
  const first = new Map<string, NodeOutcome>();
  const several = new Set<string>();
  for (const failed of failures) {
    const known = first.get(failed.repoKey);
    if (known === undefined) first.set(failed.repoKey, failed);
    else if (known.node !== failed.node) several.add(failed.repoKey);
  }
  for (const repo of several) {
    const goodAtMs = repoGoodAtMs.get(repo);
    if (goodAtMs !== undefined && goodAtMs >= (first.get(repo)?.atMs ?? 0)) several.delete(repo);
  }
  return several;
}

function repoFindings(
  { failures }: OutcomeMemory,
  broken: ReadonlySet<string>,
  policy: NodePolicy,
): readonly Finding[] {
  return [...broken].map((repo) => {
    const own = failures.filter(({ repoKey }) => repoKey === repo);
    const nodes = new Set(own.map(({ node }) => node));
    const within = formatDuration(policy.nodeOutcomeWindowMs);
    return {
      cause: "repository-broken",
      subject: { kind: "repository", name: repo },
      severity: "note",
      evidence: `${repo} failed ${own.length} times on ${nodes.size} nodes (${[...nodes].slice(0, 5).join(", ")}) within ${within} and got ready on none.`,
      sinceMs: own[0]?.atMs ?? 0,
    };
  });
}

/** Launches on most nodes fail: what all of them need is at fault. */
function everywhere(faults: ReadonlyMap<string, NodeFault>, taking: number): Finding {
  const sinceMs = Math.min(...[...faults.values()].map((fault) => fault.sinceMs));
  return {
    cause: "node-launch-failures",
    subject: { kind: "cluster", name: "cluster" },
    severity: "act",
    evidence: `Launches of different repositories fail on ${faults.size} of ${taking} nodes, so that no node is at fault.`,
    sinceMs,
  };
}

/** Whoever fails everything stays empty, and so is given everything. */
function paradoxOf(blamed: readonly Tally[], memory: OutcomeMemory): Tally | null {
  const taking = blamed.filter(({ node }) => admits(node));
  const worst = taking.reduce<Tally | null>(
    (most, one) => (one.repos.size > (most?.repos.size ?? 0) ? one : most),
    null,
  );
  if (worst === null || worst.repos.size < PARADOX_REPOS) return null;
  const others = taking.filter((one) => one !== worst);
  if (others.some(({ repos }) => repos.size >= worst.repos.size)) return null;
  if (others.some(({ node }) => load(node) < load(worst.node))) return null;
  const goElsewhere = others.some(
    ({ node }) => (memory.goodAtMs.get(node.name) ?? -1) >= worst.sinceMs,
  );
  return goElsewhere ? worst : null;
}

function paradoxFault(paradox: Tally, nowMs: number): NodeFault {
  const { node, repos, sinceMs } = paradox;
  const because = `Node ${node.name} is the emptiest (${node.sessions} of ${node.seats} seats) and has the most failures: ${repos.size} repositories in ${age(paradox, nowMs)}${lastReason(paradox)}, while others get ready elsewhere.`;
  return { cause: "node-paradox", because, sinceMs, isOfMachine: false };
}

function load({ seats, sessions }: NodeObservation): number {
  return seats === 0 ? 1 : sessions / seats;
}

function age({ sinceMs }: Tally, nowMs: number): string {
  return formatDuration(Math.max(0, nowMs - sinceMs));
}

function lastReason({ because }: Tally): string {
  return because === null ? "" : ` (last: ${because})`;
}
