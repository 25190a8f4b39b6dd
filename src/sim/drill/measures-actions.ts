/** What was done, by hand and by machine, and within which limits. */
import { MINUTE_MS } from "#base/units.ts";
import type { WorldRecord } from "../world/records.ts";
import type { ArgumentSpec, ArgumentSpecs, ArgumentValues } from "./argument.ts";
import {
  FAULT_ARGUMENT,
  faultMeant,
  isWithin,
  type Measure,
  numberOf,
  SPAN_ARGUMENTS,
  spanOf,
  textOf,
} from "./measure.ts";
import { recordsOf } from "./records-by-kind.ts";

export type ActionRecord = Extract<WorldRecord, { kind: "action" }>;

/** The name under which a drill's own `operator.…` events act. */
export const DRILL_PERSON = "drill";

const WINDOW: ArgumentSpec = {
  type: "duration",
  meaning: "How long the window is.",
  default: 10 * MINUTE_MS,
};

const ACTION_ARGUMENTS = {
  kind: { type: "text", meaning: "Only this command: `quarantine-node` …", isOptional: true },
  subject: {
    type: "text",
    meaning: "Only upon the thing with this name; `faulted`: upon one that the fault hit.",
    isOptional: true,
  },
} as const satisfies ArgumentSpecs;

/** What grows and shrinks the cluster with demand, on any day. */
const UPKEEP_KINDS: readonly string[] = [
  "drain-node",
  "uncordon-node",
  "set-placeholders",
  "set-nodes-max",
];
const UPKEEP: ArgumentSpec = {
  type: "flag",
  meaning: `Whether what is done on any day counts: ${UPKEEP_KINDS.join(", ")}.`,
  default: true,
};

function isUpkeep({ record }: ActionRecord): boolean {
  return UPKEEP_KINDS.includes(record.command.kind);
}

function isByMachine({ record }: ActionRecord): boolean {
  return record.actor.kind === "machine";
}

function isDone({ record }: ActionRecord): boolean {
  return record.outcome.kind === "done";
}

/** Names of things in a command. */
function subjectsOf({ record }: ActionRecord): readonly string[] {
  return Object.entries(record.command).flatMap(([key, value]) =>
    key !== "kind" && typeof value === "string" ? [value] : [],
  );
}

function actionsOf(
  records: readonly WorldRecord[],
  values: ArgumentValues,
): readonly ActionRecord[] {
  const kind = textOf(values, "kind");
  const subject = textOf(values, "subject");
  const hit = faultMeant(records, values)?.subjects ?? [];
  return recordsOf(records, "action").filter((record) => {
    if (kind !== null && record.record.command.kind !== kind) return false;
    if (subject === null) return true;
    return subjectsOf(record).some((name) =>
      subject === "faulted" ? hit.includes(name) : name === subject,
    );
  });
}

/** The most of these within one window. */
function mostWithin(times: readonly number[], windowMs: number): number {
  let most = 0;
  let first = 0;
  for (const [index, atMs] of times.entries()) {
    while (atMs - (times[first] ?? atMs) >= windowMs) first += 1;
    most = Math.max(most, index - first + 1);
  }
  return most;
}

/** The largest share of the nodes in quarantine; one node is always allowed and counts as none. */
function quarantinedShareMax(records: readonly WorldRecord[]): number {
  const barred = new Set<string>();
  let nodes = 0;
  let most = 0;
  for (const record of records) {
    if (record.kind === "sample") nodes = record.nodes;
    else if (record.kind === "node-removed") barred.delete(record.node);
    else if (record.kind === "action" && isDone(record)) {
      const { command } = record.record;
      if (command.kind === "quarantine-node") barred.add(command.node);
      if (command.kind === "release-node" || command.kind === "recycle-node")
        barred.delete(command.node);
    }
    if (barred.size > 1 && nodes > 0) most = Math.max(most, barred.size / nodes);
  }
  return most;
}

export const ACTION_MEASURES = {
  actions: {
    meaning: "Commands that the machine gave and that were done.",
    unit: "count",
    arguments: { ...ACTION_ARGUMENTS, upkeep: UPKEEP, fault: FAULT_ARGUMENT, ...SPAN_ARGUMENTS },
    of: (records, values, context) => {
      const span = spanOf(values, context);
      const isMeant = (each: ActionRecord) => values["upkeep"] !== false || !isUpkeep(each);
      return actionsOf(records, values).filter(
        (each) => isByMachine(each) && isDone(each) && isMeant(each) && isWithin(each.atMs, span),
      ).length;
    },
  },
  "action-after": {
    meaning: "From the fault to the first such command that was done, whoever gave it.",
    unit: "duration",
    arguments: { ...ACTION_ARGUMENTS, fault: FAULT_ARGUMENT },
    of: (records, values) => {
      const fault = faultMeant(records, values);
      if (fault === null) return null;
      const first = actionsOf(records, values).find(
        (each) => isDone(each) && each.atMs >= fault.atMs,
      );
      return first === undefined ? null : first.atMs - fault.atMs;
    },
  },
  "commands-done": {
    meaning: "Commands that were done, whoever gave them.",
    unit: "count",
    arguments: ACTION_ARGUMENTS,
    of: (records, values) => actionsOf(records, values).filter(isDone).length,
  },
  "actions-refused": {
    meaning: "Commands that were refused because of a limit or a guard.",
    unit: "count",
    arguments: ACTION_ARGUMENTS,
    of: (records, values) =>
      actionsOf(records, values).filter((each) => each.record.outcome.kind === "refused").length,
  },
  "human-commands": {
    meaning: "Commands that a person gave; those of the drill's own events are not counted.",
    unit: "count",
    arguments: ACTION_ARGUMENTS,
    of: (records, values) =>
      actionsOf(records, values).filter(
        ({ record: { actor } }) => actor.kind === "person" && actor.name !== DRILL_PERSON,
      ).length,
  },
  restarts: {
    meaning: "Restarts of loops and of components that the machine ordered.",
    unit: "count",
    arguments: {
      of: { type: ["loop", "component", "any"], meaning: "Of what.", default: "any" },
      name: {
        type: "text",
        meaning: "Only of this one, or of those whose names begin so.",
        isOptional: true,
      },
    },
    of: (records, values) => restartsOf(records, values).length,
  },
  "restarts-in-window": {
    meaning: "The most of these within a window.",
    unit: "count",
    arguments: {
      of: { type: ["loop", "component", "any"], meaning: "Of what.", default: "component" },
      name: {
        type: "text",
        meaning: "Only of this one, or of those whose names begin so.",
        isOptional: true,
      },
      window: { ...WINDOW, default: 5 * MINUTE_MS },
    },
    of: (records, values) =>
      mostWithin(
        restartsOf(records, values).map(({ atMs }) => atMs),
        numberOf(values, "window") ?? 5 * MINUTE_MS,
      ),
  },
  "quarantines-in-window": {
    meaning: "The most nodes that were put into quarantine within a window.",
    unit: "count",
    arguments: { window: WINDOW },
    of: (records, values) => {
      const times = actionsOf(records, { kind: "quarantine-node" })
        .filter(isDone)
        .map(({ atMs }) => atMs);
      return mostWithin(times, numberOf(values, "window") ?? WINDOW_DEFAULT_MS);
    },
  },
  "quarantined-share-max": {
    meaning:
      "The largest share of the nodes that was in quarantine at once; a single one does not count.",
    unit: "share",
    arguments: {},
    of: quarantinedShareMax,
  },
  "audit-complete": {
    meaning: "Automatic commands that name their evidence and their limit, of all.",
    unit: "share",
    arguments: {},
    of: (records) => {
      const all = recordsOf(records, "action").filter(isByMachine);
      const complete = all.filter(({ record }) => record.evidence !== "" && record.limit !== "");
      return all.length === 0 ? null : complete.length / all.length;
    },
  },
  events: {
    meaning: "Events of the world whose text contains this.",
    unit: "count",
    arguments: { text: { type: "text", meaning: "The text." }, ...SPAN_ARGUMENTS },
    of: (records, values, context) => {
      const span = spanOf(values, context);
      const text = textOf(values, "text") ?? "";
      return recordsOf(records, "event").filter(
        (each) => each.what.includes(text) && isWithin(each.atMs, span),
      ).length;
    },
  },
  "event-after": {
    meaning: "From the fault to the first event of the world whose text contains this.",
    unit: "duration",
    arguments: { text: { type: "text", meaning: "The text." }, fault: FAULT_ARGUMENT },
    of: (records, values) => {
      const fault = faultMeant(records, values);
      if (fault === null) return null;
      const text = textOf(values, "text") ?? "";
      const first = recordsOf(records, "event").find(
        (each) => each.atMs >= fault.atMs && each.what.includes(text),
      );
      return first === undefined ? null : first.atMs - fault.atMs;
    },
  },
} as const satisfies Record<string, Measure>;

const WINDOW_DEFAULT_MS = 10 * MINUTE_MS;

function restartsOf(
  records: readonly WorldRecord[],
  values: ArgumentValues,
): readonly ActionRecord[] {
  const of = textOf(values, "of") ?? "any";
  const name = textOf(values, "name") ?? "";
  return recordsOf(records, "action").filter((record) => {
    if (!isByMachine(record) || !isDone(record)) return false;
    const { command } = record.record;
    if (command.kind === "restart-loop") return of !== "component" && command.loop.startsWith(name);
    return (
      command.kind === "restart-component" && of !== "loop" && command.component.startsWith(name)
    );
  });
}
