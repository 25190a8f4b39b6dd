/** What is wrong with capacity: a limit that is hit, or that will be hit soon. */
import { formatDuration, MINUTE_MS } from "#base/units.ts";
import type { Finding } from "../incident/finding.ts";
import type { Policy } from "../policy.ts";
import { forecastHit, type UseSample } from "./forecast.ts";

export interface CapacitySample {
  readonly atMs: number;
  readonly people: number;
  readonly waiting: number;
}

export interface CapacityLook {
  /** Oldest first, of the last 30 minutes at most. */
  readonly samples: readonly CapacitySample[];
  /** People that all machines together could hold. */
  readonly clusterMax: number;
  /** Since when people wait although nothing can be added, or null. */
  readonly exhausted: {
    readonly sinceMs: number;
    readonly missing: number;
    readonly limit: string;
  } | null;
}

const EXHAUSTED_AFTER_MS = 1 * MINUTE_MS;

export function findCapacity(
  look: CapacityLook,
  policy: Pick<Policy, "sessionsMax" | "queueMax" | "forecastAheadMs">,
  nowMs: number,
): readonly Finding[] {
  const people = look.samples.map(({ atMs, people: used }) => ({ atMs, used }));
  const waiting = look.samples.map(({ atMs, waiting: used }) => ({ atMs, used }));
  const isClusterFirst = look.clusterMax < policy.sessionsMax;
  const limits: readonly [string, readonly UseSample[], number][] = [
    isClusterFirst
      ? ["nodesMax", people, look.clusterMax]
      : ["sessionsMax", people, policy.sessionsMax],
    ["queueMax", waiting, policy.queueMax],
  ];
  const found: Finding[] = [];
  for (const [name, samples, limit] of limits) {
    const forecast = forecastHit(samples, limit, nowMs);
    if (forecast === null || forecast.hitsAtMs - nowMs > policy.forecastAheadMs) continue;
    const used = samples.at(-1)?.used ?? 0;
    const inWords = formatDuration(Math.max(0, forecast.hitsAtMs - nowMs));
    found.push({
      cause: "capacity-forecast",
      subject: { kind: "cluster", name },
      severity: "note",
      evidence: `${used} of ${limit} in use and ${Math.round(forecast.perHour)} more an hour: ${name} is reached in ${inWords}.`,
      sinceMs: samples[0]?.atMs ?? nowMs,
    });
  }
  const { exhausted } = look;
  if (exhausted !== null && nowMs - exhausted.sinceMs >= EXHAUSTED_AFTER_MS) {
    found.push({
      cause: "capacity-exhausted",
      subject: { kind: "cluster", name: exhausted.limit },
      severity: "act",
      evidence: `${exhausted.missing} people have waited for a seat since ${formatDuration(nowMs - exhausted.sinceMs)}, and ${exhausted.limit} is reached.`,
      sinceMs: exhausted.sinceMs,
    });
  }
  return found;
}
