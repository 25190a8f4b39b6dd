/** What happened in a run, as somebody would have written it down: from the records alone. */
import { formatDuration, MINUTE_MS } from "#base/units.ts";
import type { Incident } from "#core/incident/incident.ts";
import { causesOf } from "../faults/causes.ts";
import type { WorldRecord } from "../world/records.ts";
import { commandText } from "./command-text.ts";
import { faultText } from "./fault-text.ts";
import type { FaultRecord } from "./measure.ts";
import type { TimelineEntry } from "./timeline-entry.ts";
import { peopleEntries } from "./timeline-people.ts";

const SOON_MS = 10 * MINUTE_MS;

export function timelineOf(records: readonly WorldRecord[]): readonly TimelineEntry[] {
  const faults: FaultRecord[] = [];
  const told: TimelineEntry[] = [];
  for (const record of records) {
    const entry = entryOf(record, faults);
    if (entry !== null) told.push(entry);
    if (record.kind === "fault") faults.push(record);
  }
  const all = [...told, ...peopleEntries(records)];
  return collapsed(all.toSorted((a, b) => a.atMs - b.atMs));
}

function entryOf(record: WorldRecord, faults: readonly FaultRecord[]): TimelineEntry | null {
  const { atMs, kind } = record;
  if (kind === "fault") {
    return { atMs, kind: "happened", text: faultText(record), group: null };
  }
  if (kind === "event") {
    const group = record.what.replaceAll(/\d+/g, "#");
    return { atMs, kind: "happened", text: record.what, group };
  }
  if (kind === "incident") return incidentEntry(record.change, record.incident, atMs, faults);
  if (kind === "action") return actionEntry(record);
  if (kind !== "page") return null;
  return { atMs, kind, text: `Somebody is woken: ${record.text}`, group: null };
}

function incidentEntry(
  change: Extract<WorldRecord, { kind: "incident" }>["change"],
  incident: Incident,
  atMs: number,
  faults: readonly FaultRecord[],
): TimelineEntry {
  const name = incidentName(incident);
  switch (change) {
    case "opened":
    case "reopened": {
      const after = afterText(incident, atMs, faults);
      const again = change === "reopened" ? " again" : "";
      return {
        atMs,
        kind: "found",
        text: `Found${again}: ${name}${after}. ${evidenceOf(incident)}`.trim(),
        group: change === "reopened" ? `reopened ${incident.id}` : null,
      };
    }
    case "mitigated":
      return {
        atMs,
        kind: "resolved",
        text: `Not found any more: ${name}.`,
        group: `mitigated ${incident.id}`,
      };
    case "resolved":
      return {
        atMs,
        kind: "resolved",
        text: `Resolved: ${name}. ${resolvedBecause(incident)}`.trim(),
        group: null,
      };
  }
}

/** `node-pod-network of node n-3`. */
export function incidentName({ cause, subject }: Incident): string {
  return `${cause} of ${subject.kind} ${subject.name}`;
}

function afterText(incident: Incident, atMs: number, faults: readonly FaultRecord[]): string {
  const fault = faults.findLast((each) =>
    causesOf(each.verb, each.values).includes(incident.cause),
  );
  return fault === undefined ? "" : `, ${formatDuration(atMs - fault.atMs)} after ${fault.verb}`;
}

function evidenceOf({ timeline }: Incident): string {
  const found = timeline.findLast((entry) => entry.kind === "found" || entry.kind === "reopened");
  return found !== undefined && "evidence" in found ? sentence(found.evidence) : "";
}

function resolvedBecause({ timeline }: Incident): string {
  const last = timeline.findLast((entry) => entry.kind === "resolved");
  return last !== undefined && "because" in last ? sentence(last.because) : "";
}

function actionEntry({ atMs, record }: Extract<WorldRecord, { kind: "action" }>): TimelineEntry {
  const { actor, command, outcome, evidence } = record;
  const by = actor.kind === "person" ? `${actor.name} (by hand)` : "Bindery";
  const done =
    outcome.kind === "done"
      ? ""
      : `, which was ${outcome.kind === "refused" ? "refused" : "not possible"}: ${outcome.because}`;
  const because = evidence === "" || outcome.kind !== "done" ? "" : ` ${sentence(evidence)}`;
  return {
    atMs,
    kind: "done",
    text: `${by}: ${commandText(command)}${done}.${because}`.replace("..", "."),
    group: actor.kind === "person" ? null : `${command.kind} ${outcome.kind}`,
  };
}

function sentence(text: string): string {
  const trimmed = text.trim();
  return trimmed === "" || /[.!?]$/.test(trimmed) ? trimmed : `${trimmed}.`;
}

/** The same again and again is told once, with how often. */
function collapsed(entries: readonly TimelineEntry[]): readonly TimelineEntry[] {
  const kept: TimelineEntry[] = [];
  const more = new Map<TimelineEntry, { count: number; lastMs: number }>();
  const latest = new Map<string, TimelineEntry>();
  for (const entry of entries) {
    const before = entry.group === null ? undefined : latest.get(entry.group);
    const tally = before === undefined ? undefined : more.get(before);
    if (tally !== undefined && entry.atMs - tally.lastMs <= SOON_MS) {
      tally.count += 1;
      tally.lastMs = entry.atMs;
      continue;
    }
    kept.push(entry);
    more.set(entry, { count: 0, lastMs: entry.atMs });
    if (entry.group !== null) latest.set(entry.group, entry);
  }
  return kept.map((entry) => {
    const { count, lastMs } = more.get(entry) ?? { count: 0, lastMs: entry.atMs };
    if (count === 0) return entry;
    const times = count === 1 ? "once more" : `${count} times more`;
    return {
      ...entry,
      text: `${entry.text} (${times} within ${formatDuration(lastMs - entry.atMs)})`,
    };
  });
}
