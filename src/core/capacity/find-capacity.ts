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

/** People wait although nothing can be added. */
export interface Exhausted {
  readonly sinceMs: number;
  readonly missing: number;
  /** The limit that is reached. */
  readonly limit: string;
}

const EXHAUSTED_AFTER_MS = 1 * MINUTE_MS;

/** Limits that will be hit soon. `samples` oldest first, `clusterMax` what all machines could hold. */
export function foretellLimits(
  samples: readonly CapacitySample[],
  clusterMax: number,
  policy: Pick<Policy, "sessionsMax" | "queueMax" | "forecastAheadMs">,
  nowMs: number,
): readonly Finding[] {
  const people = samples.map(({ atMs, people: used }) => ({ atMs, used }));
  const waiting = samples.map(({ atMs, waiting: used }) => ({ atMs, used }));
  const limits: readonly [string, readonly UseSample[], number][] = [
    clusterMax < policy.sessionsMax
      ? ["nodesMax", people, clusterMax]
      : ["sessionsMax", people, policy.sessionsMax],
    ["queueMax", waiting, policy.queueMax],
  ];
  const found: Finding[] = [];
  for (const [name, use, limit] of limits) {
    const forecast = forecastHit(use, limit, nowMs);
    if (forecast === null || forecast.hitsAtMs - nowMs > policy.forecastAheadMs) continue;
    const used = use.at(-1)?.used ?? 0;
    const inWords = formatDuration(Math.max(0, forecast.hitsAtMs - nowMs));
    found.push({
      cause: "capacity-forecast",
      subject: { kind: "cluster", name },
      severity: "note",
      evidence: `${used} of ${limit} in use and ${Math.round(forecast.perHour)} more an hour: ${name} is reached in ${inWords}.`,
      sinceMs: use[0]?.atMs ?? nowMs,
    });
  }
  return found;
}

/** A limit that people have waited at for a minute. */
export function findExhausted(exhausted: Exhausted | null, nowMs: number): readonly Finding[] {
  if (exhausted === null || nowMs - exhausted.sinceMs < EXHAUSTED_AFTER_MS) return [];
  const { limit, missing, sinceMs } = exhausted;
  return [
    {
      cause: "capacity-exhausted",
      subject: { kind: "cluster", name: limit },
      severity: "act",
      evidence: `${missing} people wait for a seat, some for ${formatDuration(nowMs - sinceMs)}, and ${limit} is reached.`,
      sinceMs,
    },
  ];
}
