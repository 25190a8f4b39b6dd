/** Something observed to be wrong: which cause, in which thing, on what evidence. */

/** What can be wrong. Each has its runbook: docs/runbooks/<cause>.md. */
export const CAUSES = [
  "loop-stalled",
  "node-pod-network",
  "node-dns",
  "node-registry",
  "node-disk-full",
  "node-read-only",
  "node-lost",
  "node-no-address",
  "node-launch-failures",
  "node-paradox",
  "node-no-scratch-disk",
  "node-out-of-memory",
  "control-wedged",
  "control-leak",
  "control-slow",
  "control-down",
  "watch-frozen",
  "cluster-api-unreachable",
  "launches-failing",
  "canary-failing",
  "capacity-exhausted",
  "capacity-forecast",
  "sessions-orphaned",
  "sessions-overdue",
  "culler-flood",
  "build-out-of-memory",
  "build-slots-idle",
  "build-crowd",
  "upstream-unavailable",
  "edge-replica-wedged",
  "edge-down",
  "edge-unschedulable",
  "component-crash-loop",
  "component-misplaced",
  "quota-ghost",
  "certificate-expiring",
  "release-bad",
  "release-incomplete",
  "member-stale",
  "member-failing",
  "member-full",
  "repository-broken",
] as const;

export type Cause = (typeof CAUSES)[number];

export type SubjectKind =
  | "node"
  | "loop"
  | "component"
  | "release"
  | "repository"
  | "member"
  | "host"
  | "quota"
  | "edge"
  | "cluster";

export interface Subject {
  readonly kind: SubjectKind;
  readonly name: string;
}

/** `page` wakes somebody at once; `act` is for the machine, and pages only when it does not help. */
export type Severity = "page" | "act" | "note";

export interface Finding {
  readonly cause: Cause;
  readonly subject: Subject;
  readonly severity: Severity;
  /** One sentence with the numbers that it rests on. */
  readonly evidence: string;
  /** Since when it is so, as far as can be told. */
  readonly sinceMs: number;
}

/** The same fault of the same thing has the same key, however often it is found. */
export function findingKey({ cause, subject }: Pick<Finding, "cause" | "subject">): string {
  return `${cause}:${subject.kind}:${subject.name}`;
}
