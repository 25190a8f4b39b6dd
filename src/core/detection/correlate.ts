/** Which finding is the root and which only its symptom: people are told of causes. */
import { MINUTE_MS, SECOND_MS } from "#base/units.ts";
import { type Cause, type Finding, findingKey } from "../incident/finding.ts";
import { admits, type NodeObservation } from "../nodes/node.ts";

export interface Correlated {
  /** What stands for itself. */
  readonly findings: readonly Finding[];
  /** Symptoms, each with the keys of its roots. */
  readonly explained: readonly { readonly finding: Finding; readonly by: readonly string[] }[];
}

const NODE_CAUSES: readonly Cause[] = [
  "node-pod-network",
  "node-dns",
  "node-registry",
  "node-disk-full",
  "node-read-only",
  "node-lost",
  "node-launch-failures",
  "node-paradox",
  "node-no-scratch-disk",
  "node-out-of-memory",
];

/** What keeps launches from ending without the control plane being to blame. */
const DEPENDENCIES: readonly Cause[] = [
  "cluster-api-unreachable",
  "capacity-exhausted",
  "quota-ghost",
  "edge-down",
];

const CONTROL_CAUSES: readonly Cause[] = [
  "control-wedged",
  "control-down",
  "watch-frozen",
  "loop-stalled",
  "release-bad",
];

/** Symptom → what explains it. Only what has no remedy of its own may stand here. */
const EXPLAINED_BY: Partial<Record<Cause, readonly Cause[]>> = {
  "launches-failing": [
    ...[...NODE_CAUSES, ...DEPENDENCIES, ...CONTROL_CAUSES, "upstream-unavailable" as const],
  ],
  "canary-failing": [
    ...[...NODE_CAUSES, ...DEPENDENCIES, ...CONTROL_CAUSES, "upstream-unavailable" as const],
    "launches-failing",
  ],
  "control-wedged": ["control-down", "cluster-api-unreachable"],
  "build-slots-idle": ["control-wedged", "control-down", "loop-stalled"],
  "edge-replica-wedged": ["edge-down"],
};

/** How long a node explains what is wrong after nothing is placed on it any more. */
const NODE_EXPLAINS_MS = 3 * MINUTE_MS;

/** Findings of the last looks that are not found any more: their symptoms last a little longer. */
export type Afterglow = ReadonlyMap<
  string,
  { readonly finding: Finding; readonly seenAtMs: number }
>;

const NOTHING: Afterglow = new Map();
/** Symptoms that are counted over some time. */
const LASTING: readonly Cause[] = ["launches-failing", "canary-failing"];
const AFTERGLOW_MS = 90 * SECOND_MS;

export function noteSeen(
  memory: Afterglow,
  findings: readonly Finding[],
  nowMs: number,
): Afterglow {
  if (memory.size === 0 && findings.length === 0) return NOTHING;
  const next = new Map([...memory].filter(([, { seenAtMs }]) => nowMs - seenAtMs < AFTERGLOW_MS));
  for (const finding of findings)
    if (!(finding.cause in EXPLAINED_BY) || finding.cause === "control-wedged")
      next.set(findingKey(finding), { finding, seenAtMs: nowMs });
  return next;
}

export function correlate(
  findings: readonly Finding[],
  afterglow: Afterglow,
  nodes: readonly NodeObservation[],
  nowMs: number,
): Correlated {
  if (!findings.some(({ cause }) => cause in EXPLAINED_BY)) return { findings, explained: [] };
  const found = new Set(findings.map((finding) => findingKey(finding)));
  const gone = [...afterglow].filter(([key]) => !found.has(key)).map(([, one]) => one.finding);
  const isLive = (finding: Finding) => isAtWork(finding, findings, nodes, nowMs);
  const atWork = findings.filter(isLive);
  const lasting = gone.filter(isLive);
  // A symptom explains nothing.
  const roots = atWork.filter((root) => !atWork.some((other) => explains(other, root)));
  const standing: Finding[] = [];
  const explained: { readonly finding: Finding; readonly by: readonly string[] }[] = [];
  for (const finding of findings) {
    const by = (LASTING.includes(finding.cause) ? [...roots, ...lasting] : roots).filter((root) =>
      explains(root, finding),
    );
    if (by.length === 0) standing.push(finding);
    else explained.push({ finding, by: by.map((root) => findingKey(root)) });
  }
  return { findings: standing, explained };
}

/** Something known explains that launches do not end: then the control plane is not suspected. */
export function hasCulprit(
  findings: readonly Finding[],
  nodes: readonly NodeObservation[],
  nowMs: number,
): boolean {
  return findings.some(
    (finding) =>
      (isNodeCause(finding) || DEPENDENCIES.includes(finding.cause)) &&
      isAtWork(finding, findings, nodes, nowMs),
  );
}

/** What was found that lately, whether it still is or not: launches take a moment to recover. */
export function seenLately(memory: Afterglow, forMs: number, nowMs: number): readonly Finding[] {
  const lately: Finding[] = [];
  for (const { finding, seenAtMs } of memory.values())
    if (nowMs - seenAtMs < forMs) lately.push(finding);
  return lately;
}

function isNodeCause({ cause }: Finding): boolean {
  return NODE_CAUSES.includes(cause);
}

function explains(root: Finding, symptom: Finding): boolean {
  if (EXPLAINED_BY[symptom.cause]?.includes(root.cause) !== true) return false;
  // A canary that launches builds nothing.
  return root.cause !== "upstream-unavailable" || symptom.subject.name !== "launch canary";
}

/** A node explains nothing long after it was put aside, and nothing when most are accused at once. */
function isAtWork(
  finding: Finding,
  findings: readonly Finding[],
  nodes: readonly NodeObservation[],
  nowMs: number,
): boolean {
  if (!isNodeCause(finding)) return true;
  const node = nodes.find(({ name }) => name === finding.subject.name);
  const isAside = node === undefined || !admits(node);
  if (isAside && nowMs - finding.sinceMs >= NODE_EXPLAINS_MS) return false;
  const accused = new Set(findings.filter(isNodeCause).map(({ subject }) => subject.name));
  return accused.size <= Math.max(1, nodes.length / 2);
}
