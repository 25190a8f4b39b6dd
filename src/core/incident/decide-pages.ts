/** Who is woken, and when: at once for a page, later for what the machine could not end itself. */
import { formatDuration } from "#base/units.ts";
import type { Policy } from "../policy.ts";
import type { Incident } from "./incident.ts";
import { evidenceOf, openSinceMs, withEntry } from "./timeline.ts";

export interface Page {
  readonly incident: string;
  readonly text: string;
}

type PagePolicy = Pick<
  Policy,
  "incidentEscalateMs" | "incidentPageIntervalMs" | "incidentTimelineMax"
>;

export function decidePages(
  incidents: readonly Incident[],
  exhausted: ReadonlySet<string>,
  policy: PagePolicy,
  nowMs: number,
): { readonly incidents: readonly Incident[]; readonly pages: readonly Page[] } {
  const pages: Page[] = [];
  const next = incidents.map((incident) => {
    const because = whyNow(incident, exhausted, policy, nowMs);
    if (because === null) return incident;
    pages.push({ incident: incident.id, text: textOf(incident, because) });
    return withEntry(incident, { kind: "paged", atMs: nowMs, because }, policy);
  });
  return { incidents: next, pages };
}

function whyNow(
  incident: Incident,
  exhausted: ReadonlySet<string>,
  policy: PagePolicy,
  nowMs: number,
): string | null {
  const { goneSinceMs, id, severity, state, timeline } = incident;
  if (state !== "open" || goneSinceMs !== null || severity === "note") return null;
  const last = timeline.findLast(({ kind }) => kind === "paged");
  if (last !== undefined && nowMs - last.atMs < policy.incidentPageIntervalMs) return null;
  if (severity === "page") return "people are affected and the machine may not manage alone";
  if (exhausted.has(id)) return "no remedy that the machine has helped";
  const openMs = nowMs - openSinceMs(incident);
  if (openMs < policy.incidentEscalateMs) return null;
  return `it is open for ${formatDuration(openMs)}`;
}

function textOf(incident: Incident, because: string): string {
  const { cause, subject } = incident;
  const evidence = evidenceOf(incident).replace(/[.]$/, "");
  return `${cause} (${subject.kind} ${subject.name}): ${evidence}. Paged because ${because}.`;
}
