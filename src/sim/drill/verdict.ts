/** Whether a run passed: each criterion with its measured value and its limits. */
import { COMMON, type Judged } from "./common-criteria.ts";
import { type Ablation, COMMON_CRITERIA, type Criterion, type Drill } from "./drill.ts";
import type { DrillRun } from "./drill-run.ts";
import type { MeasureContext } from "./measure.ts";
import { MEASURES } from "./measures.ts";

export interface Verdict {
  readonly isPassed: boolean;
  readonly judged: readonly Judged[];
}

/** What an ablation's run came to: it is as it should be when it fails what it must, and shows what it must. */
export interface AblationVerdict {
  readonly isAsExpected: boolean;
  readonly failed: readonly string[];
  /** Criteria that should have failed and held. */
  readonly held: readonly string[];
  readonly shown: readonly Judged[];
}

/** `control` is the run without faults; without it the criterion C is left out. */
export function judge(drill: Drill, run: DrillRun, control: DrillRun | null): Verdict {
  const context = contextOf(drill);
  const input = { records: run.records, control: control?.records ?? null, context };
  const own = drill.must.map((criterion) => judgeCriterion(criterion, run, context));
  const common = COMMON_CRITERIA.filter((letter) => drill.except[letter] === undefined).flatMap(
    (letter) => COMMON[letter].judge(input),
  );
  const judged = [...own, ...common, judgeInvariants(run)];
  return { isPassed: judged.every(({ isMet }) => isMet), judged };
}

export function judgeAblation(ablation: Ablation, drill: Drill, run: DrillRun): AblationVerdict {
  const { judged } = judge(drill, run, null);
  const isFailed = (name: string) =>
    judged.some(
      (each) => !each.isMet && (each.letter === null ? each.name === name : each.letter === name),
    );
  const failed = judged
    .filter(({ isMet }) => !isMet)
    .map(({ letter, name }) => (letter === null ? name : `${letter}: ${name}`));
  const held = ablation.fails.filter((name) => !isFailed(name));
  const shown = ablation.shows.map((each) => judgeCriterion(each, run, contextOf(drill)));
  const isAsExpected = failed.length > 0 && held.length === 0 && shown.every(({ isMet }) => isMet);
  return { isAsExpected, failed, held, shown };
}

export function contextOf({ starts, lastsMs }: Drill): MeasureContext {
  return { startsAtMs: starts.atMs, endsAtMs: starts.atMs + lastsMs };
}

function judgeCriterion(criterion: Criterion, run: DrillRun, context: MeasureContext): Judged {
  const { name, measure, of, atLeast, atMost, isNever } = criterion;
  const known = MEASURES[measure];
  const value = known?.of(run.records, of, context) ?? null;
  const isWithin =
    value !== null &&
    (atLeast === null || value >= atLeast) &&
    (atMost === null || value <= atMost);
  return {
    name,
    letter: null,
    unit: known?.unit ?? "number",
    value,
    atLeast,
    atMost,
    isNever,
    isMet: isNever ? value === null : isWithin,
    because: null,
  };
}

function judgeInvariants({ invariants }: DrillRun): Judged {
  return {
    name: "the invariants hold",
    letter: "I",
    unit: "count",
    value: invariants.length,
    atLeast: null,
    atMost: 0,
    isNever: false,
    isMet: invariants.length === 0,
    because: invariants[0] ?? null,
  };
}
