/** What holds in every drill unless its file says why not. */
import { MINUTE_MS } from "#base/units.ts";
import { causesOf, detectionLimitMs } from "../faults/causes.ts";
import type { WorldRecord } from "../world/records.ts";
import type { ArgumentValues } from "./argument.ts";
import type { CommonCriterion } from "./drill.ts";
import { mitigatedAtMs } from "./launch-wishes.ts";
import { type FaultRecord, faultsOf, type MeasureContext, type MeasureUnit } from "./measure.ts";
import { foundAtMs } from "./measures-incidents.ts";
import { MEASURES } from "./measures.ts";

/** One measured value beside its limits. */
export interface Judged {
  readonly name: string;
  /** Null for the drill's own criteria. */
  readonly letter: CommonCriterion | "I" | null;
  readonly unit: MeasureUnit;
  /** Null: nothing was measured, it never happened. */
  readonly value: number | null;
  readonly atLeast: number | null;
  readonly atMost: number | null;
  readonly isNever: boolean;
  readonly isMet: boolean;
  /** What the numbers do not say: which fault, which invariant. */
  readonly because: string | null;
}

export interface CommonInput {
  readonly records: readonly WorldRecord[];
  /** The run without faults; null when there was none. */
  readonly control: readonly WorldRecord[] | null;
  readonly context: MeasureContext;
}

const MITIGATION_MS = 3 * MINUTE_MS;
const QUARANTINED_SHARE_MAX = 0.2;

type Judge = (input: CommonInput) => readonly Judged[];

export const COMMON: Readonly<
  Record<CommonCriterion, { readonly meaning: string; readonly judge: Judge }>
> = {
  D: {
    meaning:
      "Every fault is found within 60 s, by an incident of the right cause; loops within 2 min, leaks within 10 min.",
    judge: ({ records }) => faultsOf(records).map((fault) => judgeDetection(records, fault)),
  },
  M: {
    meaning:
      "Within 180 s of every fault, launches come to a session at the first try again: 99 % over the next ten minutes.",
    judge: ({ records, context }) =>
      faultsOf(records).map((fault) => judgeMitigation(records, fault, context)),
  },
  S: {
    meaning: "No session in use is lost outside of what a fault hit.",
    judge: (input) => [counted("S", "no session is lost elsewhere", "sessions-lost", input)],
  },
  H: {
    meaning: "No command by hand.",
    judge: (input) => [counted("H", "no command by hand", "human-commands", input)],
  },
  A: {
    meaning:
      "Automation keeps its limits: one quarantine in ten minutes, a fifth of the nodes (or one), one restart of the control plane in five minutes; all with evidence and limit in the audit.",
    judge: judgeAutomation,
  },
  C: {
    meaning:
      "The same run without the faults: no page, and no automatic action but those that follow demand on any day.",
    judge: judgeControl,
  },
  R: {
    meaning:
      "An incident is resolved only after five green canaries, ten good minutes, and no quarantine of its subject.",
    judge: (input) => [
      atLeast(
        "R",
        "incidents are resolved by the rule",
        measuredBy("resolved-by-rule", {}, input) ?? 1,
        1,
      ),
    ],
  },
};

function judgeDetection(records: readonly WorldRecord[], fault: FaultRecord): Judged {
  const causes: readonly string[] = causesOf(fault.verb, fault.values);
  const foundMs = foundAtMs(records, ({ incident }) => causes.includes(incident.cause), fault.atMs);
  const value = foundMs === null ? null : foundMs - fault.atMs;
  const limit = detectionLimitMs(fault.verb, fault.values);
  return {
    ...limits("D", `${fault.verb} is found`, "duration", value),
    atMost: limit,
    isMet: value !== null && value <= limit,
    because: value === null ? `no incident ${causes.join(" or ")} was opened` : null,
  };
}

function judgeMitigation(
  records: readonly WorldRecord[],
  fault: FaultRecord,
  context: MeasureContext,
): Judged {
  const atMs = mitigatedAtMs(records, fault.atMs, {}, context);
  const value = atMs === null ? null : atMs - fault.atMs;
  return {
    ...limits("M", `launches succeed after ${fault.verb}`, "duration", value),
    atMost: MITIGATION_MS,
    isMet: value !== null && value <= MITIGATION_MS,
  };
}

function judgeAutomation(input: CommonInput): readonly Judged[] {
  const of = (measure: string, values = {}) => measuredBy(measure, values, input);
  return [
    atMost("A", "quarantines in ten minutes", of("quarantines-in-window"), 1),
    {
      ...atMost(
        "A",
        "nodes in quarantine at once",
        of("quarantined-share-max"),
        QUARANTINED_SHARE_MAX,
      ),
      unit: "share",
    },
    atMost(
      "A",
      "restarts of the control plane in five minutes",
      of("restarts-in-window", { name: "control" }),
      1,
    ),
    atLeast("A", "actions with evidence and limit", of("audit-complete") ?? 1, 1),
  ];
}

function judgeControl({ control, context }: CommonInput): readonly Judged[] {
  if (control === null) return [];
  const input = { records: control, control: null, context };
  return [
    counted("C", "without faults, nothing is done", "actions", input, { upkeep: false }),
    counted("C", "without faults, nobody is woken", "pages", input),
  ];
}

function measuredBy(
  measure: string,
  values: ArgumentValues,
  { records, context }: CommonInput,
): number | null {
  return MEASURES[measure]?.of(records, values, context) ?? null;
}

function counted(
  letter: CommonCriterion,
  name: string,
  measure: string,
  input: CommonInput,
  values: ArgumentValues = {},
): Judged {
  return atMost(letter, name, measuredBy(measure, values, input), 0);
}

function limits(
  letter: CommonCriterion,
  name: string,
  unit: MeasureUnit,
  value: number | null,
): Judged {
  return {
    name,
    letter,
    unit,
    value,
    atLeast: null,
    atMost: null,
    isNever: false,
    isMet: false,
    because: null,
  };
}

function atMost(letter: CommonCriterion, name: string, value: number | null, most: number): Judged {
  return { ...limits(letter, name, "count", value), atMost: most, isMet: (value ?? 0) <= most };
}

function atLeast(letter: CommonCriterion, name: string, value: number, least: number): Judged {
  return { ...limits(letter, name, "share", value), atLeast: least, isMet: value >= least };
}
