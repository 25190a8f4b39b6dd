/** The incident report of a run, in the form in which people write them, from the records alone. */
import { formatDuration } from "#base/units.ts";
import type { Judged } from "./common-criteria.ts";
import type { Drill } from "./drill.ts";
import type { DrillRun } from "./drill-run.ts";
import { judgedText } from "./judged-text.ts";
import { faultsOf, type MeasureContext } from "./measure.ts";
import { incidentName, timelineOf } from "./timeline.ts";
import { MEASURES } from "./measures.ts";
import { openAtEnd } from "./measures-incidents.ts";
import { actionItems, type ActionItems, many } from "./report-actions.ts";
import { contextOf, type Verdict } from "./verdict.ts";
import { dateOf, minuteOf, zoneName } from "./virtual-time.ts";

export function renderReport(drill: Drill, run: DrillRun, verdict: Verdict): string {
  return [
    `# ${dateOf(run.records.at(-1)?.atMs ?? drill.starts.atMs, drill.starts)}, ${drill.title}`,
    "## Summary",
    ...summary(drill, run, verdict),
    "## Timeline",
    `All times in ${zoneName(drill.starts)}`,
    ...timeline(drill, run),
    "## Action items",
    ...items(actionItems(drill, run, verdict)),
  ]
    .join("\n\n")
    .concat("\n");
}

function summary(drill: Drill, run: DrillRun, verdict: Verdict): readonly string[] {
  const { records } = run;
  const context = contextOf(drill);
  const of = (measure: string) => measuredBy(measure, run, context);
  const firstTry = of("first-try-success");
  const share =
    firstTry === null ? "" : ` ${percent(firstTry)} of them came to a session at the first try.`;
  const incidents = records.flatMap((each) =>
    each.kind === "incident" && each.change === "opened" ? [incidentName(each.incident)] : [],
  );
  const open = openAtEnd(records).size;
  const found =
    incidents.length === 0
      ? "No incident was opened."
      : `Incidents: ${incidents.join("; ")}. ${open === 0 ? "All are resolved." : `${open} still open at the end.`}`;
  return [
    `${many(of("launches") ?? 0, "launch", "launches")} ${of("launches") === 1 ? "was" : "were"} asked for from ${minuteOf(context.startsAtMs, drill.starts)} on, for ${formatDuration(drill.lastsMs)}.${share} Peaks ${peakText(drill, run)}.`,
    `${many(faultsOf(records).length, "fault")}. ${found} ${many(of("actions") ?? 0, "automatic action")}, ${many(of("human-commands") ?? 0, "command")} by hand, ${wokenText(of("pages") ?? 0)}.`,
    verdict.isPassed
      ? "Everything that must hold held."
      : `Not all that must hold held: ${broken(verdict.judged).map(judgedText).join("; ")}.`,
  ];
}

function peakText(drill: Drill, { records }: DrillRun): string {
  let peak: { readonly atMs: number; readonly pods: number } | null = null;
  let nodes = 0;
  for (const record of records) {
    if (record.kind !== "sample") continue;
    if (peak === null || record.pods > peak.pods) peak = record;
    nodes = Math.max(nodes, record.nodes);
  }
  return peak === null
    ? "were not sampled"
    : `at ${minuteOf(peak.atMs, drill.starts)} with ${peak.pods} pods; ${nodes} machines at most`;
}

function timeline(drill: Drill, { records }: DrillRun): readonly string[] {
  const blocks: string[] = [];
  let heading = "";
  let date = "";
  for (const { atMs, text } of timelineOf(records)) {
    const day = dateOf(atMs, drill.starts);
    const minute = minuteOf(atMs, drill.starts);
    if (`${day} ${minute}` !== heading) {
      blocks.push(day === date ? `### ${minute}` : `### ${day} ${minute}`);
      heading = `${day} ${minute}`;
      date = day;
    }
    blocks.push(text);
  }
  return blocks.length === 0 ? ["Nothing happened."] : blocks;
}

function items(sections: ActionItems): readonly string[] {
  const blocks = Object.entries(sections).flatMap(([name, lines]) =>
    lines.length === 0 ? [] : [`### ${name}`, lines.map((line) => `- ${line}`).join("\n")],
  );
  return blocks.length === 0 ? ["None."] : blocks;
}

function broken(judged: readonly Judged[]): readonly Judged[] {
  return judged.filter(({ isMet }) => !isMet);
}

function measuredBy(
  measure: string,
  { records }: DrillRun,
  context: MeasureContext,
): number | null {
  return MEASURES[measure]?.of(records, {}, context) ?? null;
}

function wokenText(pages: number): string {
  if (pages === 0) return "nobody was woken";
  return `somebody was woken ${pages === 1 ? "once" : `${pages} times`}`;
}

function percent(share: number): string {
  return `${Math.round(share * 1_000) / 10} %`;
}
