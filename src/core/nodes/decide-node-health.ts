/** The health of nodes: who is admitted, put aside, taken back and replaced, on what evidence. */
import type { Finding } from "../incident/finding.ts";
import { decideQuarantine, keepQuarantines } from "./decide-quarantine.ts";
import type { Candidate, QuarantineDecision } from "./decide-quarantine.ts";
import { decideAging, decideGate, decideRelease, isAsked } from "./decide-return.ts";
import {
  countHeart,
  isLost,
  lostEvidence,
  lostFault,
  machineFault,
  machineFindings,
} from "./judge-machine.ts";
import { forgetNodes, judgeOutcomes, rememberOutcomes } from "./judge-outcomes.ts";
import {
  countProbe,
  isProbeGood,
  probeFault,
  sharedChecks,
  sharedFindings,
  withSilence,
} from "./judge-probes.ts";
import type { NodeCheck, NodeObservation, NodeProbe } from "./node.ts";
import type {
  NodeAction,
  NodeFault,
  NodeHealthDecision,
  NodeHealthState,
  NodeMemory,
  NodePolicy,
  NodesObserved,
} from "./node-health.ts";
import { healthWords } from "./node-words.ts";

/** Everything that is known of one node now. */
interface Look {
  readonly node: NodeObservation;
  readonly memory: NodeMemory;
  readonly fault: NodeFault | null;
}

export function decideNodeHealth(
  state: NodeHealthState,
  observed: NodesObserved,
  policy: NodePolicy,
  nowMs: number,
): NodeHealthDecision {
  const { nodes } = observed;
  const { memories, shared } = remember(state, observed, policy, nowMs);
  const outcomes = rememberOutcomes(state.outcomes, observed.outcomes, policy, nowMs);
  const verdict = judgeOutcomes(outcomes, nodes, observed.stuck, policy, nowMs);
  const looks = nodes.map((node): Look => {
    const memory = memories.get(node.name) ?? newMemory(node, nowMs);
    const fault =
      lostFault(node, memory, policy, nowMs) ??
      machineFault(node, memory, policy, nowMs) ??
      probeFault(node, memory, shared, policy) ??
      verdict.faults.get(node.name) ??
      null;
    return { node, memory, fault };
  });
  const lost = looks.filter(({ memory }) => isLost(memory));
  const isMassLoss = lost.length > nodes.length / 2;
  const kept = keepQuarantines(state.quarantines, policy, nowMs);
  const aside = decideQuarantine(
    candidatesOf(looks, isMassLoss, policy, nowMs),
    nodes,
    kept,
    policy,
    nowMs,
  );
  const actions = decideActions(looks, isMassLoss, aside, observed, policy, nowMs);
  const released = actions.filter(({ kind }) => kind === "release").map(({ node }) => node);
  const isExplained = (check: NodeCheck) =>
    check === "logs" && looks.some(({ fault }) => fault?.cause === "node-no-address");
  return {
    next: {
      nodes: concluded(looks, actions, aside, policy, nowMs),
      outcomes:
        released.length === 0 ? outcomes : forgetNodes(outcomes, (n) => released.includes(n)),
      quarantines: nextQuarantines(state, kept, looks, aside.action, nowMs),
      isFirstLook: false,
    },
    actions,
    findings: [
      ...looks.flatMap((look) => nodeFindings(look, isMassLoss, aside, policy, nowMs)),
      ...(isMassLoss ? [massLoss(lost, nodes.length, nowMs)] : []),
      ...sharedFindings(memories, shared, isExplained, policy),
      ...verdict.findings,
    ],
  };
}

/** Brings the memory of each node up to what is seen now. */
function remember(
  state: NodeHealthState,
  observed: NodesObserved,
  policy: NodePolicy,
  nowMs: number,
): { readonly memories: Map<string, NodeMemory>; readonly shared: ReadonlySet<NodeCheck> } {
  const probes = new Map<string, NodeProbe>();
  for (const probe of observed.probes) probes.set(probe.node, probe);
  const memories = new Map<string, NodeMemory>();
  const isNew: string[] = [];
  for (const node of observed.nodes) {
    const known = state.nodes.get(node.name);
    const before = known?.createdAtMs === node.createdAtMs ? known : newMemory(node, nowMs);
    const counted = countProbe(before, probes.get(node.name), policy.nodeProbeSilenceMs, nowMs);
    if (counted.isNew) isNew.push(node.name);
    const heard = withSilence(node, counted.memory, policy, nowMs);
    const { answeringSinceMs } = observed;
    const alive = countHeart(node, heard, answeringSinceMs, policy, nowMs);
    memories.set(node.name, withQuarantine(node, alive, nowMs));
  }
  const shared = sharedChecks(memories.values());
  for (const name of isNew) {
    const memory = memories.get(name);
    if (memory === undefined) continue;
    const goodProbes = isProbeGood(memory, shared) ? memory.goodProbes + 1 : 0;
    memories.set(name, { ...memory, goodProbes });
  }
  return { memories, shared };
}

function newMemory({ createdAtMs }: NodeObservation, nowMs: number): NodeMemory {
  return {
    createdAtMs,
    seenAtMs: nowMs,
    probeAtMs: null,
    goodProbes: 0,
    failing: [],
    lostLooks: 0,
    fault: null,
    quarantine: null,
    releases: 0,
    asked: null,
    health: "",
  };
}

/** A quarantine is as long as the cluster shows it, whoever made it. */
function withQuarantine(node: NodeObservation, memory: NodeMemory, nowMs: number): NodeMemory {
  const isAside = node.bars.includes("quarantined");
  if (isAside === (memory.quarantine !== null)) return memory;
  if (!isAside) return { ...memory, quarantine: null };
  const asked = memory.asked?.action;
  const { because, cause } =
    asked?.kind === "quarantine" ? asked : { because: "put aside by somebody else", cause: null };
  return { ...memory, goodProbes: 0, quarantine: { sinceMs: nowMs, cause, because } };
}

/** Nodes that take sessions, or would, and should not. */
function candidatesOf(
  looks: readonly Look[],
  isMassLoss: boolean,
  policy: NodePolicy,
  nowMs: number,
) {
  const candidates: Candidate[] = [];
  for (const { node, memory, fault } of looks) {
    const isNoCandidate = isLost(memory) && (isMassLoss || policy.recyclesMax > 0);
    if (fault === null || isNoCandidate) continue;
    if (node.bars.includes("unproven") || node.bars.includes("quarantined")) continue;
    if (!isAsked(memory, "quarantine", nowMs)) candidates.push({ node, fault });
  }
  return candidates;
}

function decideActions(
  looks: readonly Look[],
  isMassLoss: boolean,
  aside: QuarantineDecision,
  observed: NodesObserved,
  policy: NodePolicy,
  nowMs: number,
): readonly NodeAction[] {
  const actions: NodeAction[] = [];
  for (const { node, memory, fault } of looks) {
    const { bars, name } = node;
    if (isLost(memory)) {
      if (isMassLoss || policy.recyclesMax === 0 || isAsked(memory, "recycle", nowMs)) continue;
      const because = lostEvidence(node, memory, policy, nowMs);
      actions.push({ kind: "recycle", node: name, because });
      continue;
    }
    const action = bars.includes("unproven")
      ? decideGate(node, memory, fault, policy, nowMs)
      : bars.includes("quarantined") && !observed.held.has(name)
        ? decideRelease(node, memory, fault, policy, nowMs)
        : null;
    if (action !== null) actions.push(action);
  }
  if (aside.action !== null) actions.push(aside.action);
  if (actions.some(({ kind }) => kind !== "admit")) return actions;
  const memories = new Map(looks.map(({ node, memory }) => [node.name, memory]));
  const aging = decideAging(observed.nodes, memories, policy, nowMs);
  if (aging !== null) actions.push(aging);
  return actions;
}

function concluded(
  looks: readonly Look[],
  actions: readonly NodeAction[],
  aside: QuarantineDecision,
  policy: NodePolicy,
  nowMs: number,
): ReadonlyMap<string, NodeMemory> {
  const memories = new Map<string, NodeMemory>();
  for (const { node, memory, fault } of looks) {
    const action = actions.findLast((one) => one.node === node.name);
    const releases = memory.releases + (action?.kind === "release" ? 1 : 0);
    const health = healthWords(node, memory, fault, aside.held.get(node.name), policy, nowMs);
    const isSame = action === undefined && fault === null && memory.fault === null;
    if (isSame && health === memory.health) {
      memories.set(node.name, memory);
      continue;
    }
    const next = {
      ...memory,
      releases,
      health,
      fault: fault === null ? null : { cause: fault.cause, sinceMs: fault.sinceMs },
    };
    memories.set(
      node.name,
      action === undefined ? next : { ...next, asked: { action, atMs: nowMs } },
    );
  }
  return memories;
}

/** The interval counts from when the cluster shows a quarantine, whoever made it. */
function nextQuarantines(
  { isFirstLook }: NodeHealthState,
  kept: NodeHealthState["quarantines"],
  looks: readonly Look[],
  action: QuarantineDecision["action"],
  nowMs: number,
): NodeHealthState["quarantines"] {
  const begun = looks.filter(
    ({ memory }) =>
      memory.quarantine?.sinceMs === nowMs &&
      memory.asked?.action.kind !== "recycle" &&
      !isFirstLook,
  );
  if (begun.length === 0 && action === null) return kept;
  const names = new Set(begun.map(({ node }) => node.name));
  const next = kept.filter(({ node }) => !names.has(node));
  for (const node of names) next.push({ node, atMs: nowMs, isSeen: true });
  if (action !== null) next.push({ node: action.node, atMs: nowMs, isSeen: false });
  return next;
}

function nodeFindings(
  { node, memory, fault }: Look,
  isMassLoss: boolean,
  aside: QuarantineDecision,
  policy: NodePolicy,
  nowMs: number,
): readonly Finding[] {
  const findings = machineFindings(node, policy, nowMs);
  const subject = { kind: "node", name: node.name } as const;
  if (isLost(memory)) {
    if (isMassLoss) return findings;
    const evidence = lostEvidence(node, memory, policy, nowMs);
    const sinceMs = node.heartbeatAtMs;
    return [...findings, { cause: "node-lost", subject, severity: "act", evidence, sinceMs }];
  }
  const { quarantine } = memory;
  if (quarantine !== null && quarantine.cause !== null) {
    const { cause, sinceMs } = quarantine;
    const still = fault?.cause === cause ? fault.because : quarantine.because;
    const evidence = `${still} It is put aside; ${memory.goodProbes} good probes in a row since.`;
    return [...findings, { cause, subject, severity: "act", evidence, sinceMs }];
  }
  if (fault === null) return findings;
  const held = aside.held.get(node.name);
  const evidence =
    held === undefined ? fault.because : `${fault.because} It is not put aside: ${held}.`;
  const severity = held === undefined ? "act" : "page";
  const { cause, sinceMs } = fault;
  return [...findings, { cause, subject, severity, evidence, sinceMs }];
}

/** So many at once are not lost: rather the way to them, or a clock. */
function massLoss(lost: readonly Look[], nodes: number, nowMs: number): Finding {
  const sinceMs = Math.min(nowMs, ...lost.map(({ node }) => node.heartbeatAtMs));
  return {
    cause: "node-lost",
    subject: { kind: "cluster", name: "cluster" },
    severity: "page",
    evidence: `${lost.length} of ${nodes} nodes gave no sign of life; so many at once are not replaced by a machine's decision.`,
    sinceMs,
  };
}
