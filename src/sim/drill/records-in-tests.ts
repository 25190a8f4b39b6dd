/** Records of tiny runs, written by hand, for the tests of what is measured. */
import type { Cause, SubjectKind } from "#core/incident/finding.ts";
import type { Incident } from "#core/incident/incident.ts";
import type { CommandOutcome, OperatorCommand } from "#core/operations/command.ts";
import type { PodRole, WorldRecord } from "../world/records.ts";
import type { ArgumentValues } from "./argument.ts";
import type { Measure, MeasureContext } from "./measure.ts";

/** The measure, what the row is about, the records in any order, the arguments, and what comes out. */
export type MeasureRow = readonly [
  measure: string,
  what: string,
  records: readonly WorldRecord[],
  values: ArgumentValues,
  expected: number | null,
];

/** Without the dust of binary fractions. */
export function measuredOf(
  measure: Measure | undefined,
  records: readonly WorldRecord[],
  values: ArgumentValues,
): number | null {
  if (measure === undefined) throw new Error("There is no such measure.");
  const inOrder = records.toSorted((a, b) => a.atMs - b.atMs);
  const value = measure.of(inOrder, values, RUN);
  return value === null ? null : Math.round(value * 1e6) / 1e6;
}

/** All in seconds after the start. */
const RUN: MeasureContext = { startsAtMs: 0, endsAtMs: 3_600_000 };

export function fault(
  at: number,
  verb: string,
  subjects: readonly string[] = [],
  values: ArgumentValues = {},
): WorldRecord {
  return { kind: "fault", atMs: at * 1_000, verb, what: verb, subjects, values };
}

interface LaunchFacts {
  readonly at: number;
  readonly took?: number;
  readonly repo?: string;
  readonly outcome?: "ready" | "failed" | "refused" | "left";
  readonly fault?: string;
  readonly code?: string;
  readonly message?: string;
  readonly attempts?: number;
  readonly silence?: number;
  readonly retryAfter?: number;
  readonly isCanary?: boolean;
  readonly isWatching?: boolean;
}

const PERSON = { isCanary: false, isWatching: false } as const;
let launches = 0;

/** A launch that was asked for, and its end. */
export function launch(facts: LaunchFacts): readonly WorldRecord[] {
  launches += 1;
  const id = `launch-${launches}`;
  const { at, took = 2, repo = "a", outcome = "ready" } = facts;
  const { isCanary = false, isWatching = false } = facts;
  return [
    { kind: "launch-asked", atMs: at * 1_000, launch: id, repo, isCanary, isWatching },
    {
      kind: "launch-ended",
      atMs: (at + took) * 1_000,
      launch: id,
      repo,
      isCanary,
      isWatching,
      outcome,
      code: facts.code ?? null,
      fault: facts.fault ?? (outcome === "failed" ? "platform" : null),
      message: facts.message ?? null,
      waitedMs: took * 1_000,
      attempts: facts.attempts ?? 1,
      silenceMs: (facts.silence ?? 1) * 1_000,
      retryAfterSeconds: facts.retryAfter ?? null,
    },
  ];
}

export function asked(at: number, id: string, repo = "a"): WorldRecord {
  return { kind: "launch-asked", atMs: at * 1_000, launch: id, repo, ...PERSON };
}

/** Somebody is shown a build. */
export function building(at: number, repo: string, isWatching = false): WorldRecord {
  const atMs = at * 1_000;
  return { kind: "launch-building", atMs, launch: `of-${repo}`, repo, isCanary: false, isWatching };
}

export function queued(at: number, id: string, waitSeconds: number | null): WorldRecord {
  return {
    kind: "launch-queued",
    atMs: at * 1_000,
    launch: id,
    position: 1,
    waitMs: waitSeconds === null ? null : waitSeconds * 1_000,
  };
}

export function ready(at: number, id: string, repo = "a"): WorldRecord {
  const base = {
    code: null,
    fault: null,
    message: null,
    waitedMs: 0,
    attempts: 1,
    silenceMs: 0,
    retryAfterSeconds: null,
  };
  return {
    kind: "launch-ended",
    atMs: at * 1_000,
    launch: id,
    repo,
    ...PERSON,
    outcome: "ready",
    ...base,
  };
}

export function incident(
  at: number,
  change: "opened" | "mitigated" | "resolved" | "reopened",
  facts: {
    readonly cause?: Cause;
    readonly kind?: SubjectKind;
    readonly subject?: string;
    readonly id?: string;
  } = {},
): WorldRecord {
  const { cause = "loop-stalled", kind = "loop", subject = "culler", id = "i-1" } = facts;
  const record: Incident = {
    id,
    cause,
    subject: { kind, name: subject },
    severity: "act",
    state: "open",
    openedAtMs: at * 1_000,
    goneSinceMs: null,
    resolvedAtMs: null,
    relatedTo: [],
    timeline: [{ kind: "found", atMs: at * 1_000, evidence: "no progress for 62 s" }],
  };
  return { kind: "incident", atMs: at * 1_000, change, incident: record };
}

export function action(
  at: number,
  command: OperatorCommand,
  facts: {
    readonly by?: string;
    readonly outcome?: CommandOutcome;
    readonly evidence?: string;
  } = {},
): WorldRecord {
  const { by, outcome = { kind: "done", message: "" }, evidence = "3 probes failed" } = facts;
  const actor =
    by === undefined
      ? ({ kind: "machine", incident: "i-1" } as const)
      : ({ kind: "person", name: by } as const);
  const atMs = at * 1_000;
  return {
    kind: "action",
    atMs,
    record: { atMs, command, actor, evidence, limit: "1 in 10 minutes", outcome },
  };
}

export function bound(
  at: number,
  node: string,
  facts: { readonly role?: PodRole; readonly launch?: string; readonly isUnproven?: boolean } = {},
): WorldRecord {
  const { role = "session", isUnproven = false } = facts;
  return {
    kind: "pod-bound",
    atMs: at * 1_000,
    pod: `p-${at}`,
    role,
    node,
    isUnproven,
    launch: facts.launch ?? null,
  };
}

export function ended(
  at: number,
  session: string,
  facts: { readonly end?: string; readonly node?: string; readonly wasInUse?: boolean } = {},
): WorldRecord {
  const { end = "killed", node = null, wasInUse = true } = facts;
  return { kind: "session-ended", atMs: at * 1_000, session, node, end, wasInUse };
}

export function started(at: number, session: string, repo = "a"): WorldRecord {
  return { kind: "session-started", atMs: at * 1_000, session, repo, isCanary: false };
}

export function sample(
  at: number,
  facts: Partial<Extract<WorldRecord, { kind: "sample" }>> = {},
): WorldRecord {
  const zero = {
    nodes: 0,
    pods: 0,
    sessions: 0,
    pending: 0,
    queued: 0,
    oldestSessionMs: 0,
    idleShare: 0,
  };
  return { kind: "sample", ...zero, ...facts, atMs: at * 1_000 };
}

export function canary(at: number, isGreen = true): WorldRecord {
  return {
    kind: "canary",
    atMs: at * 1_000,
    outcome: { kind: "launch", isGreen, durationMs: 3_000, node: null, because: null },
  };
}

export function page(at: number): WorldRecord {
  return { kind: "page", atMs: at * 1_000, incident: "i-1", text: "help" };
}

export function requests(at: number, what: string, total: number, failed: number): WorldRecord {
  return { kind: "requests", atMs: at * 1_000, what, total, failed };
}

export function measured(at: number, what: string, value: number): WorldRecord {
  return { kind: "measured", atMs: at * 1_000, what, value };
}

export function build(at: number, repo: string): WorldRecord {
  return { kind: "build-started", atMs: at * 1_000, repo, key: repo };
}

export function built(at: number, repo: string): WorldRecord {
  return { kind: "build-ended", atMs: at * 1_000, repo, key: repo, isGood: true, message: null };
}
