/** When an incident is over, by a rule instead of by hope (rule R of the drills). */
import { formatDuration } from "#base/units.ts";
import type { Policy } from "../policy.ts";
import type { Incident } from "./incident.ts";

export interface GreenFacts {
  /** Canaries that went well in a row; null: there are no canaries here. */
  readonly greenCanaries: number | null;
  /** Since when the last minutes of launches were good at each look; null: they are not. */
  readonly goodSinceMs: number | null;
  /** `kind:name` of what gets no work any more: nodes that are put aside, members without weight. */
  readonly aside: ReadonlySet<string>;
  /** Those of them that are quarantined: what happens to them is still open. */
  readonly quarantined: ReadonlySet<string>;
  /** Somebody waits for a seat, builds wait although slots are free, or launches are known to hang. */
  readonly hasBacklog: boolean;
}

/** Why it is over, or null while it is not. */
export function whyOver(
  { goneSinceMs, subject }: Incident,
  { aside, goodSinceMs, greenCanaries, hasBacklog, quarantined }: GreenFacts,
  policy: Pick<Policy, "incidentGreenCanaries" | "incidentGoodMs" | "incidentQuarantineMs">,
  nowMs: number,
): string | null {
  if (goneSinceMs === null || goodSinceMs === null || hasBacklog) return null;
  if (greenCanaries !== null && greenCanaries < policy.incidentGreenCanaries) return null;
  const key = `${subject.kind}:${subject.name}`;
  if (quarantined.has(key)) return null;
  const goodMs = nowMs - Math.max(goodSinceMs, goneSinceMs);
  const isAside = aside.has(key);
  if (goodMs < (isAside ? policy.incidentQuarantineMs : policy.incidentGoodMs)) return null;
  const canaries = greenCanaries === null ? "" : `${greenCanaries} green canaries in a row, `;
  const without = isAside ? ` without ${subject.name}` : "";
  return `${canaries}good launches for ${formatDuration(goodMs)}${without}, nothing waits`;
}
