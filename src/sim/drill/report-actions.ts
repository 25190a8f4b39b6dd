/** What a run leaves to be done: what was found late, what people had to do, which limits were hit. */
import { formatDuration } from "#base/units.ts";
import type { WorldRecord } from "../world/records.ts";
import { commandText } from "./command-text.ts";
import type { Judged } from "./common-criteria.ts";
import type { Drill } from "./drill.ts";
import type { DrillRun } from "./drill-run.ts";
import { judgedText } from "./judged-text.ts";
import { DRILL_PERSON } from "./measures-actions.ts";
import { openAtEnd } from "./measures-incidents.ts";
import { incidentName } from "./timeline.ts";
import type { Verdict } from "./verdict.ts";

/** Sections with their points; an empty section is left out. */
export type ActionItems = Readonly<
  Record<"Detection" | "Mitigation" | "By hand" | "Limits" | "Open", readonly string[]>
>;

export function actionItems(
  drill: Drill,
  { records, invariants }: DrillRun,
  { judged }: Verdict,
): ActionItems {
  const missed = judged.filter(({ isMet }) => !isMet);
  return {
    Detection: missed.filter(isDetection).map(detectionItem),
    Mitigation: missed
      .filter((each) => !isDetection(each) && each.letter !== "I")
      .map((each) => `Make it hold: ${judgedText(each)}.`),
    "By hand": byHand(records),
    Limits: limitsHit(drill, records),
    Open: [
      ...[...openAtEnd(records).values()].map(
        ({ incident }) => `${incidentName(incident)} is still open.`,
      ),
      ...invariants.map((each) => `An invariant was broken: ${each}`),
    ],
  };
}

function isDetection({ letter, name }: Judged): boolean {
  return letter === "D" || (letter === null && name.includes("detected"));
}

function detectionItem(each: Judged): string {
  const fault = each.name.replace(/ is (found|detected)$/, "");
  if (each.value === null) return `${fault} was never found: something has to look for it.`;
  return `${fault} was found after ${formatDuration(each.value)}; ${each.atMost === null ? "sooner is better" : `the limit is ${formatDuration(each.atMost)}`}.`;
}

function byHand(records: readonly WorldRecord[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const each of records) {
    if (
      each.kind !== "action" ||
      each.record.actor.kind !== "person" ||
      each.record.actor.name === DRILL_PERSON
    )
      continue;
    const text = commandText(each.record.command);
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return [...counts].map(
    ([text, count]) =>
      `\`${text}\` was given by hand${count > 1 ? ` ${count} times` : ""}: why was it needed?`,
  );
}

function limitsHit({ world }: Drill, records: readonly WorldRecord[]): readonly string[] {
  const { nodesMax } = world.cluster;
  const full = records.find((each) => each.kind === "sample" && each.nodes >= nodesMax);
  const refused = new Map<string, number>();
  const guarded = new Map<string, number>();
  for (const each of records) {
    if (each.kind === "launch-ended" && each.outcome === "refused")
      count(refused, each.code ?? "no code");
    if (each.kind === "action" && each.record.outcome.kind === "refused") {
      count(guarded, `${each.record.command.kind} was refused: ${each.record.outcome.because}`);
    }
  }
  return [
    ...(full === undefined ? [] : [`The maximum of ${nodesMax} machines was reached.`]),
    ...[...refused].map(
      ([code, times]) => `${many(times, "launch was", "launches were")} refused (${code}).`,
    ),
    ...[...guarded].map(([text, times]) => `${text}${times > 1 ? ` (${times} times)` : ""}`),
  ];
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

/** `1 launch`, `2 launches`. */
export function many(count: number, one: string, several = `${one}s`): string {
  return `${count} ${count === 1 ? one : several}`;
}
