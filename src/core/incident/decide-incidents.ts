/** One record for each fault: opened by its finding, mitigated when it is gone, over by a rule. */
import { formatDuration, SECOND_MS } from "#base/units.ts";
import type { Policy } from "../policy.ts";
import { decidePages, type Page } from "./decide-pages.ts";
import { type Finding, findingKey, type Subject } from "./finding.ts";
import type { Incident } from "./incident.ts";
import { type GreenFacts, whyOver } from "./rule-over.ts";
import { withEntry } from "./timeline.ts";

export interface IncidentBook {
  /** Oldest first. */
  readonly incidents: readonly Incident[];
  readonly opened: number;
}

export const EMPTY_BOOK: IncidentBook = { incidents: [], opened: 0 };

export interface IncidentFacts extends GreenFacts {
  /** Symptoms that have no incident of their own, with the keys of their roots. */
  readonly explained: readonly { readonly finding: Finding; readonly by: readonly string[] }[];
  /** Incidents for which there is no remedy left to try. */
  readonly exhausted: ReadonlySet<string>;
}

export interface IncidentChange {
  readonly change: "opened" | "mitigated" | "resolved" | "reopened";
  readonly incident: Incident;
}

export interface IncidentDecision {
  readonly next: IncidentBook;
  readonly changes: readonly IncidentChange[];
  readonly pages: readonly Page[];
}

/** A finding that flickers is not gone. */
const GONE_MS = 15 * SECOND_MS;
const RELATED_MAX = 10;

export function decideIncidents(
  book: IncidentBook,
  findings: readonly Finding[],
  facts: IncidentFacts,
  policy: Policy,
  nowMs: number,
): IncidentDecision {
  const hasLife = book.incidents.some(({ state }) => state !== "resolved");
  if (findings.length === 0 && !hasLife) return { next: book, changes: [], pages: [] };
  const found = new Map(findings.map((finding) => [findingKey(finding), finding]));
  const changes: IncidentChange[] = [];
  const incidents = book.incidents.map((incident) => {
    const key = findingKey(incident);
    const finding = found.get(key) ?? null;
    const step = follow(incident, finding, facts, policy, nowMs);
    if (finding !== null && isRecordOf(step.incident, finding, facts, policy, nowMs))
      found.delete(key);
    if (step.change !== null) changes.push({ change: step.change, incident: step.incident });
    return step.incident;
  });
  let { opened } = book;
  for (const finding of found.values()) {
    opened += 1;
    const incident = open(finding, opened, incidents, nowMs);
    incidents.push(incident);
    changes.push({ change: "opened", incident });
  }
  const related = relate(incidents, findings, facts);
  const paged = decidePages(related, facts.exhausted, policy, nowMs);
  const next = { incidents: bounded(paged.incidents, policy.incidentsKeptMax), opened };
  return { next, changes: changes.map((one) => latest(one, paged.incidents)), pages: paged.pages };
}

interface Step {
  readonly incident: Incident;
  readonly change: IncidentChange["change"] | null;
}

function follow(
  incident: Incident,
  finding: Finding | null,
  facts: IncidentFacts,
  policy: Policy,
  nowMs: number,
): Step {
  const isFound = finding !== null && !isContained(incident.subject, facts);
  switch (incident.state) {
    case "open":
      if (isFound) return { incident: stillOpen(incident, finding, policy, nowMs), change: null };
      return leave(incident, policy, nowMs);
    case "mitigated":
      if (isFound) return reopen(incident, finding, policy, nowMs);
      return end(incident, facts, policy, nowMs);
    case "resolved": {
      const sinceMs = nowMs - (incident.resolvedAtMs ?? 0);
      if (!isFound || sinceMs >= policy.incidentReopenMs) return { incident, change: null };
      return reopen(incident, finding, policy, nowMs);
    }
  }
}

function stillOpen(
  incident: Incident,
  { evidence, severity }: Finding,
  policy: Policy,
  nowMs: number,
): Incident {
  if (incident.severity === severity && incident.goneSinceMs === null) return incident;
  const next = { ...incident, severity, goneSinceMs: null };
  if (incident.severity === severity) return next;
  return withEntry(next, { kind: "found", atMs: nowMs, evidence }, policy);
}

function leave(incident: Incident, policy: Policy, nowMs: number): Step {
  const goneSinceMs = incident.goneSinceMs ?? nowMs;
  if (nowMs - goneSinceMs < GONE_MS)
    return { incident: { ...incident, goneSinceMs }, change: null };
  const mitigated = { ...incident, goneSinceMs, state: "mitigated" } as const;
  const entry = { kind: "gone", atMs: goneSinceMs } as const;
  return { incident: withEntry(mitigated, entry, policy), change: "mitigated" };
}

function reopen(incident: Incident, finding: Finding, policy: Policy, nowMs: number): Step {
  const { evidence, severity } = finding;
  const next = { ...incident, severity, goneSinceMs: null, resolvedAtMs: null };
  const entry = { kind: "reopened", atMs: nowMs, evidence } as const;
  return { incident: withEntry({ ...next, state: "open" }, entry, policy), change: "reopened" };
}

function end(incident: Incident, facts: IncidentFacts, policy: Policy, nowMs: number): Step {
  const because = whyOver(incident, facts, policy, nowMs);
  if (because === null) return { incident, change: null };
  const next = { ...incident, state: "resolved", resolvedAtMs: nowMs } as const;
  const entry = { kind: "resolved", atMs: nowMs, because } as const;
  return { incident: withEntry(next, entry, policy), change: "resolved" };
}

function open(
  finding: Finding,
  number: number,
  others: readonly Incident[],
  nowMs: number,
): Incident {
  const { cause, evidence, severity, sinceMs, subject } = finding;
  const since = nowMs - sinceMs < SECOND_MS ? "" : ` (for ${formatDuration(nowMs - sinceMs)})`;
  const related = others.filter(
    (other) => other.state !== "resolved" && isAbout(finding, other.subject),
  );
  return {
    id: `${cause}-${nowMs.toString(36)}-${number}`,
    ...{ cause, subject, severity, state: "open", openedAtMs: nowMs },
    ...{ goneSinceMs: null, resolvedAtMs: null },
    relatedTo: related.map(({ id }) => id).slice(-RELATED_MAX),
    timeline: [{ kind: "found", atMs: nowMs, evidence: `${evidence.replace(/[.]$/, "")}${since}` }],
  };
}

/** It is about the edge, too, or the same node, release or host, or its evidence names that. */
function isAbout({ evidence, subject }: Finding, { kind, name }: Subject): boolean {
  if (kind === "edge") return subject.kind === "edge";
  if (kind !== "node" && kind !== "release" && kind !== "host") return false;
  return (
    (subject.kind === kind && subject.name === name) || evidence.split(/[\s,;:]+/).includes(name)
  );
}

/**
 * The finding needs no new record: it has one that is alive, or it is about what was put aside and
 * its incident is over already.
 */
function isRecordOf(
  { resolvedAtMs, state }: Incident,
  { sinceMs, subject }: Finding,
  facts: IncidentFacts,
  policy: Policy,
  nowMs: number,
): boolean {
  if (state !== "resolved" || resolvedAtMs === null) return true;
  if (!isContained(subject, facts)) return false;
  return sinceMs <= resolvedAtMs || nowMs - resolvedAtMs < policy.incidentReopenMs;
}

function isContained({ kind, name }: Subject, { aside }: IncidentFacts): boolean {
  return aside.has(`${kind}:${name}`);
}

/** The root first: a symptom's incident names those of its roots. */
function relate(
  incidents: readonly Incident[],
  findings: readonly Finding[],
  { explained }: IncidentFacts,
): readonly Incident[] {
  if (explained.length === 0) return incidents;
  const standing = new Set(findings.map((finding) => findingKey(finding)));
  const byKey = new Map<string, string>();
  for (const incident of incidents) {
    const key = findingKey(incident);
    if (incident.state !== "resolved" && standing.has(key)) byKey.set(key, incident.id);
  }
  const roots = new Map(explained.map(({ by, finding }) => [findingKey(finding), by]));
  return incidents.map((incident) => {
    if (incident.state === "resolved") return incident;
    const ids = (roots.get(findingKey(incident)) ?? []).flatMap((key) => byKey.get(key) ?? []);
    const more = ids.filter((id) => !incident.relatedTo.includes(id));
    return more.length === 0
      ? incident
      : { ...incident, relatedTo: [...more, ...incident.relatedTo].slice(0, RELATED_MAX) };
  });
}

/** The oldest that are over go first. */
function bounded(incidents: readonly Incident[], max: number): readonly Incident[] {
  let spare = incidents.length - max;
  if (spare <= 0) return incidents;
  return incidents.filter(({ state }) => {
    if (state !== "resolved" || spare <= 0) return true;
    spare -= 1;
    return false;
  });
}

function latest({ change, incident }: IncidentChange, all: readonly Incident[]): IncidentChange {
  return { change, incident: all.find(({ id }) => id === incident.id) ?? incident };
}
