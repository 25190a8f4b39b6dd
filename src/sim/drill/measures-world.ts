/** What became of the machines, the sessions and the builds. */
import type { WorldRecord } from "../world/records.ts";
import type { ArgumentSpec, ArgumentSpecs, ArgumentValues } from "./argument.ts";
import {
  FAULT_ARGUMENT,
  faultMeant,
  faultsOf,
  isWithin,
  largest,
  type Measure,
  type MeasureContext,
  numberOf,
  SPAN_ARGUMENTS,
  spanOf,
  textOf,
} from "./measure.ts";

type Sample = Extract<WorldRecord, { kind: "sample" }>;
type Bound = Extract<WorldRecord, { kind: "pod-bound" }>;
type SampleField = "nodes" | "pods" | "sessions" | "pending" | "queued";

const FIELDS: readonly SampleField[] = ["nodes", "pods", "sessions", "pending", "queued"];
const FIELD: ArgumentSpec = { type: FIELDS, meaning: "Of what, once a minute." };
const AT = {
  at: { type: "duration", meaning: "After the start." },
} as const satisfies ArgumentSpecs;
const ORDINARY_ENDS: readonly string[] = ["stopped", "idle", "age"];

const BOUND_ARGUMENTS = {
  node: {
    type: "text",
    meaning:
      "Name of a node; `faulted`: those that a fault hit, as long as it lasts; `unproven`: those that were not proven yet.",
    default: "faulted",
  },
  role: {
    type: "list",
    meaning: "Roles of pods: session, canary, placeholder, core, edge, build.",
    default: ["session"],
  },
  fault: FAULT_ARGUMENT,
} as const satisfies ArgumentSpecs;

function samples(
  records: readonly WorldRecord[],
  values: ArgumentValues,
  context: MeasureContext,
): readonly Sample[] {
  const span = spanOf(values, context);
  return records.filter(
    (each): each is Sample => each.kind === "sample" && isWithin(each.atMs, span),
  );
}

function peak(field: (sample: Sample) => number): Pick<Measure, "arguments" | "of"> {
  return {
    arguments: SPAN_ARGUMENTS,
    of: (records, values, context) => largest(samples(records, values, context).map(field)),
  };
}

function lastAt(field: SampleField): Pick<Measure, "arguments" | "of"> {
  return {
    arguments: AT,
    of: (records, values, context) => {
      const atMs = context.startsAtMs + (numberOf(values, "at") ?? 0);
      return (
        records.findLast((each): each is Sample => each.kind === "sample" && each.atMs <= atMs)?.[
          field
        ] ?? null
      );
    },
  };
}

function fieldOf(sample: Sample, values: ArgumentValues, argument: string): number {
  const name = FIELDS.find((field) => field === textOf(values, argument));
  return name === undefined ? 0 : sample[name];
}

/** When each node was hit first, and when that was over. */
function hits(
  records: readonly WorldRecord[],
  values: ArgumentValues,
): ReadonlyMap<string, { readonly fromMs: number; readonly toMs: number }> {
  const only = textOf(values, "fault") === null ? null : faultMeant(records, values);
  const hit = new Map<string, { readonly fromMs: number; readonly toMs: number }>();
  for (const fault of faultsOf(records)) {
    if (only !== null && fault !== only) continue;
    const fromMs = fault.atMs;
    const toMs = fromMs + (numberOf(fault.values, "for") ?? Number.POSITIVE_INFINITY);
    for (const name of fault.subjects) if (!hit.has(name)) hit.set(name, { fromMs, toMs });
  }
  return hit;
}

function boundOf(records: readonly WorldRecord[], values: ArgumentValues): readonly Bound[] {
  const node = textOf(values, "node") ?? "faulted";
  const { role } = values;
  const roles = Array.isArray(role) ? role : ["session"];
  const hit = hits(records, values);
  return records.filter((record): record is Bound => {
    if (record.kind !== "pod-bound" || !roles.includes(record.role)) return false;
    if (node === "unproven") return record.isUnproven;
    if (node === "faulted") {
      const one = hit.get(record.node);
      return one !== undefined && record.atMs >= one.fromMs && record.atMs <= one.toMs;
    }
    return record.node === node;
  });
}

export const WORLD_MEASURES = {
  "sessions-lost": {
    meaning:
      "Sessions in use that ended by something else than their person, idleness or age, outside of what a fault hit.",
    unit: "count",
    arguments: {
      where: {
        type: ["elsewhere", "anywhere"],
        meaning: "`anywhere` counts those on what a fault hit, too.",
        default: "elsewhere",
      },
    },
    of: sessionsLost,
  },
  "peak-nodes": { meaning: "The most machines.", unit: "count", ...peak(({ nodes }) => nodes) },
  "peak-pods": {
    meaning: "The most pods of sessions, those that wait for a node included.",
    unit: "count",
    ...peak(({ pods }) => pods),
  },
  "nodes-at": { meaning: "Machines at a moment.", unit: "count", ...lastAt("nodes") },
  "pods-at": { meaning: "Pods at a moment.", unit: "count", ...lastAt("pods") },
  "sample-max": {
    meaning: "The largest sample of a minute.",
    unit: "count",
    arguments: { of: FIELD, ...SPAN_ARGUMENTS },
    of: (records, values, context) =>
      largest(samples(records, values, context).map((each) => fieldOf(each, values, "of"))),
  },
  "sample-gap-max": {
    meaning:
      "The most by which one sample was above another: how many more pods than sessions there ever were.",
    unit: "count",
    arguments: {
      of: FIELD,
      over: { ...FIELD, meaning: "What it is held against." },
      ...SPAN_ARGUMENTS,
    },
    of: (records, values, context) =>
      largest(
        samples(records, values, context).map(
          (each) => fieldOf(each, values, "of") - fieldOf(each, values, "over"),
        ),
      ),
  },
  "oldest-session": {
    meaning: "The greatest age that a session came to.",
    unit: "duration",
    ...peak(({ oldestSessionMs }) => oldestSessionMs),
  },
  "idle-share-max": {
    meaning: "The largest share of sessions that were without activity for more than 15 min.",
    unit: "share",
    ...peak(({ idleShare }) => idleShare),
  },
  "peak-sessions-of-repo": {
    meaning: "The most sessions of a repository at the same time, those that start included.",
    unit: "count",
    arguments: {
      repo: {
        type: "text",
        meaning: "The repository; without it, of whichever had the most.",
        isOptional: true,
      },
    },
    of: peakSessionsOfRepo,
  },
  "bound-to-node": {
    meaning: "Pods that were placed on a node.",
    unit: "count",
    arguments: BOUND_ARGUMENTS,
    of: (records, values) => boundOf(records, values).length,
  },
  "replaced-within": {
    meaning:
      "The longest time from the placing of a session on a node that a fault hit to its next placing; 0 when nobody had to be placed again.",
    unit: "duration",
    arguments: BOUND_ARGUMENTS,
    of: replacedWithin,
  },
} as const satisfies Record<string, Measure>;

function sessionsLost(records: readonly WorldRecord[], values: ArgumentValues): number {
  const isAnywhere = textOf(values, "where") === "anywhere";
  const hit = isAnywhere ? new Map<string, never>() : hits(records, {});
  let lost = 0;
  for (const record of records) {
    if (record.kind !== "session-ended" || !record.wasInUse || ORDINARY_ENDS.includes(record.end))
      continue;
    const one = record.node === null ? undefined : hit.get(record.node);
    if (one === undefined || record.atMs < one.fromMs) lost += 1;
  }
  return lost;
}

function peakSessionsOfRepo(records: readonly WorldRecord[], values: ArgumentValues): number {
  const only = textOf(values, "repo");
  const repoOf = new Map<string, string>();
  const counts = new Map<string, number>();
  let most = 0;
  for (const record of records) {
    if (record.kind === "session-started" && !record.isCanary && !repoOf.has(record.session)) {
      repoOf.set(record.session, record.repo);
      const count = (counts.get(record.repo) ?? 0) + 1;
      counts.set(record.repo, count);
      if (only === null || record.repo === only) most = Math.max(most, count);
    } else if (record.kind === "session-ended") {
      const repo = repoOf.get(record.session);
      if (repo === undefined) continue;
      repoOf.delete(record.session);
      counts.set(repo, (counts.get(repo) ?? 0) - 1);
    }
  }
  return most;
}

/** A session that was never placed again counts up to the last record. */
function replacedWithin(records: readonly WorldRecord[], values: ArgumentValues): number {
  const onNode = new Set(boundOf(records, values));
  const open = new Map<string, number>();
  let longest = 0;
  const close = (launch: string, atMs: number) => {
    const sinceMs = open.get(launch);
    if (sinceMs === undefined) return;
    open.delete(launch);
    longest = Math.max(longest, atMs - sinceMs);
  };
  let lastMs = 0;
  for (const record of records) {
    lastMs = record.atMs;
    if (record.kind !== "pod-bound" || record.launch === null) continue;
    close(record.launch, record.atMs);
    if (onNode.has(record)) open.set(record.launch, record.atMs);
  }
  const good = new Set(
    records.flatMap((each) =>
      each.kind === "launch-ended" && each.outcome === "ready" ? [each.launch] : [],
    ),
  );
  for (const launch of [...open.keys()]) if (!good.has(launch)) close(launch, lastMs);
  return longest;
}
