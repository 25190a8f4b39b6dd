/** `bindery incidents [ID]` */
import type { IncidentsView } from "#client/operator-calls.ts";
import { formatDuration } from "#base/units.ts";
import type { Incident, IncidentEntry } from "#core/incident/incident.ts";
import { oneOf } from "../arguments/one-of.ts";
import type { Call, Run } from "../command.ts";
import { commandText } from "../operating/command-text.ts";
import { connectTo } from "../server/connect.ts";
import { age } from "../text/age.ts";
import { columns, wrap } from "../text/columns.ts";
import { safeLine } from "../text/safe-text.ts";
import type { Terminal } from "../text/terminal.ts";
import { timeText } from "../text/time-text.ts";

const HEADER = ["INCIDENT", "STATE", "SEVERITY", "OF", "SINCE", "EVIDENCE"];
const WIDTH_MAX = 120;
const TIME_WIDTH = 10;

export const run: Run = async (call) => {
  const { flags, operands, terminal } = call;
  const client = await connectTo(call);
  const view = await client.listIncidents();
  const [given] = operands;
  if (given !== undefined) {
    const ids = view.incidents.map(({ id }) => id);
    const incident = await client.getIncident(oneOf(given, ids, "incident-not-found"));
    if (terminal.isJson) terminal.json(incident);
    else show(incident, view.atMs, terminal);
    return "ok";
  }
  const shown = view.incidents.filter(({ state }) => !flags.has("open") || state !== "resolved");
  const ids = shown.map(({ id }) => id);
  if (terminal.isJson) terminal.json(flags.has("quiet") ? ids : shown);
  else if (flags.has("quiet")) for (const id of ids) terminal.out(id);
  else list({ ...view, incidents: shown }, call);
  return "ok";
};

function list({ atMs, incidents }: IncidentsView, { terminal }: Call): void {
  if (incidents.length === 0) {
    terminal.note("No incidents.");
    return;
  }
  const rows = incidents.map((incident) => [
    incident.id,
    incident.state,
    incident.severity,
    safe(subjectText(incident)),
    age(atMs - incident.openedAtMs),
    safe(firstEvidence(incident)),
  ]);
  const [header = "", ...lines] = columns([HEADER, ...rows]);
  terminal.out(terminal.paintOut.bold(header));
  for (const line of lines) terminal.out(line);
  showRunbooks(incidents, terminal);
}

/** Of those that are not over, each once. */
export function showRunbooks(incidents: readonly Incident[], terminal: Terminal): void {
  const open = incidents.filter(({ state }) => state !== "resolved");
  const runbooks = new Set(open.map(({ cause }) => runbookOf(cause)));
  if (runbooks.size > 0) terminal.note(`What to do: ${[...runbooks].join(", ")}`);
}

function runbookOf(cause: Incident["cause"]): string {
  return `docs/runbooks/${cause}.md`;
}

function widthOf({ columns: width }: Terminal): number {
  return Math.max(40, Math.min(WIDTH_MAX, width));
}

function show(incident: Incident, nowMs: number, terminal: Terminal): void {
  const { paintOut } = terminal;
  const { cause, goneSinceMs, id, openedAtMs, relatedTo, resolvedAtMs, severity, state } = incident;
  terminal.out(paintOut.bold(`${cause} of ${safe(subjectText(incident))}`));
  const life =
    resolvedAtMs === null
      ? `since ${formatDuration(nowMs - openedAtMs)}`
      : `for ${formatDuration(resolvedAtMs - openedAtMs)}`;
  const gone = goneSinceMs === null ? "" : "; not found any more";
  terminal.out(paintOut.dim(`${id}: ${state} ${life}, severity ${severity}${gone}`));
  if (relatedTo.length > 0) terminal.out(paintOut.dim(`related to ${relatedTo.join(", ")}`));
  terminal.out(paintOut.dim(`what to do: ${runbookOf(cause)}`));
  terminal.out("");
  const width = widthOf(terminal) - TIME_WIDTH;
  for (const entry of incident.timeline) {
    const [first = "", ...rest] = wrap(safe(entryText(entry)), width);
    terminal.out(`${timeText(entry.atMs)}  ${first}`);
    for (const line of rest) terminal.out(" ".repeat(TIME_WIDTH) + line);
  }
}

export function subjectText({ subject: { kind, name } }: Incident): string {
  return kind === "cluster" ? name : `${kind} ${name}`;
}

export function firstEvidence({ timeline }: Incident): string {
  const said = timeline.findLast(({ kind }) => kind === "found" || kind === "reopened");
  return said !== undefined && "evidence" in said ? said.evidence : "";
}

function entryText(entry: IncidentEntry): string {
  switch (entry.kind) {
    case "found":
      return `Found: ${entry.evidence}.`;
    case "acted":
      return `By ${entry.by}: ${commandText(entry.command)}. ${entry.outcome}.`;
    case "paged":
      return `Somebody was woken: ${entry.because}.`;
    case "gone":
      return "Not found any more.";
    case "resolved":
      return `Over: ${entry.because}.`;
    case "reopened":
      return `Found again: ${entry.evidence}.`;
  }
}

function safe(text: string): string {
  return safeLine(text, { colours: false });
}
