/** Leaks, by what each launch leaves behind: found long before anything is exhausted. */
import { formatBytes, formatDuration, HOUR_MS, MIB, MINUTE_MS } from "#base/units.ts";
import type { Finding } from "../incident/finding.ts";
import type { Policy } from "../policy.ts";
import type { ComponentLook, Detected } from "./observed.ts";
import { lineThrough } from "./regression.ts";

interface LeakSample {
  readonly atMs: number;
  /** Asked for since the watch began. */
  readonly launches: number;
  readonly memoryBytes: number | null;
  readonly handles: number | null;
}

interface LeakTrack {
  readonly startedAtMs: number;
  /** The first sample of this process. */
  readonly base: LeakSample | null;
  readonly samples: readonly LeakSample[];
  /** As judged with the last sample. */
  readonly finding: Finding | null;
}

export type LeakMemory = ReadonlyMap<string, LeakTrack>;

interface LeakObserved {
  readonly components: readonly ComponentLook[];
  readonly launches: number;
  readonly underWay: number;
  /** Component → its release, when that is young. */
  readonly youngReleases: ReadonlyMap<string, string>;
}

type LeakPolicy = Pick<
  Policy,
  | "slopeWindowMs"
  | "leakHandlesPerLaunch"
  | "leakMemoryPerLaunchBytes"
  | "leakHandlesMax"
  | "leakMemoryMaxBytes"
>;

const SAMPLES_MIN = 8;
const SAMPLES_MAX = 40;
const FIT_MIN = 0.8;
const LAUNCHES_MIN = 10;
/** A process that has just begun grows without leaking. */
const WARM_UP_MS = 2 * MINUTE_MS;
/** Growth that is not worth a word, whatever its slope. */
const MEMORY_GROWTH_MIN = 8 * MIB;
const HANDLES_GROWTH_MIN = 20;
/** A launch under way holds these, and gives them back. */
const HANDLES_UNDER_WAY = 2;

export function detectLeaks(
  memory: LeakMemory,
  observed: LeakObserved,
  policy: LeakPolicy,
  nowMs: number,
): Detected<LeakMemory> {
  if (policy.slopeWindowMs <= 0 || !Number.isFinite(policy.slopeWindowMs))
    return { memory: new Map(), findings: [] };
  const next = new Map<string, LeakTrack>();
  const findings = new Map<string, Finding>();
  for (const component of observed.components) {
    if (component.memoryBytes === null && component.handles === null) continue;
    const track = follow(memory.get(component.name), component, observed, policy, nowMs);
    next.set(component.name, track);
    const { finding } = track;
    if (finding !== null) findings.set(`${finding.subject.kind} ${finding.subject.name}`, finding);
  }
  return { memory: next, findings: [...findings.values()] };
}

function follow(
  track: LeakTrack | undefined,
  component: ComponentLook,
  observed: LeakObserved,
  policy: LeakPolicy,
  nowMs: number,
): LeakTrack {
  const { handles, memoryBytes, startedAtMs } = component;
  const isSame = track?.startedAtMs === startedAtMs;
  const before = isSame ? track : { startedAtMs, base: null, samples: [], finding: null };
  const lastAtMs = before.samples.at(-1)?.atMs ?? Number.NEGATIVE_INFINITY;
  const isDue = nowMs - lastAtMs >= policy.slopeWindowMs / SAMPLES_MAX;
  if (!isDue || nowMs - startedAtMs < WARM_UP_MS) return before;
  const sample: LeakSample = {
    atMs: nowMs,
    launches: observed.launches,
    memoryBytes,
    handles: handles === null ? null : handles - HANDLES_UNDER_WAY * observed.underWay,
  };
  const kept = before.samples.filter(({ atMs }) => nowMs - atMs < policy.slopeWindowMs);
  const samples = [...kept, sample];
  const base = before.base ?? sample;
  const finding = judge(component, { base, samples }, observed, policy);
  return { startedAtMs, base, samples, finding };
}

function judge(
  component: ComponentLook,
  { base, samples }: { readonly base: LeakSample; readonly samples: readonly LeakSample[] },
  { youngReleases }: LeakObserved,
  policy: LeakPolicy,
): Finding | null {
  const first = samples[0];
  const last = samples.at(-1);
  if (first === undefined || last === undefined) return null;
  const launches = last.launches - first.launches;
  const spanMs = last.atMs - first.atMs;
  const isEnough = samples.length >= SAMPLES_MIN && spanMs >= policy.slopeWindowMs / 2;
  if (!isEnough || launches < LAUNCHES_MIN) return null;
  const handles = growth(samples, "handles");
  const memory = growth(samples, "memoryBytes");
  const perHour = (launches * HOUR_MS) / spanMs;
  const parts: string[] = [];
  if (handles >= policy.leakHandlesPerLaunch && handles * launches >= HANDLES_GROWTH_MIN)
    parts.push(`${round(handles)} handles a launch, ${round(handles * perHour)} an hour`);
  if (memory >= policy.leakMemoryPerLaunchBytes && memory * launches >= MEMORY_GROWTH_MIN)
    parts.push(
      `${formatBytes(Math.round(memory))} a launch, ${formatBytes(Math.round(memory * perHour))} an hour`,
    );
  if (parts.length === 0) return null;
  const release = youngReleases.get(component.name);
  const isUrgent = release !== undefined || isNearLimit(base, last, policy);
  const began = release === undefined ? "" : `; it began with release ${release}`;
  return {
    cause: "control-leak",
    subject:
      release === undefined
        ? { kind: "component", name: component.name }
        : { kind: "release", name: release },
    severity: isUrgent ? "act" : "note",
    evidence: `${component.name} keeps ${parts.join(" and ")} (${launches} launches in ${formatDuration(spanMs)})${began}`,
    sinceMs: first.atMs,
  };
}

/** So much was lost since the process began that it should not wait any longer. */
function isNearLimit(base: LeakSample, last: LeakSample, policy: LeakPolicy): boolean {
  const handles = (last.handles ?? 0) - (base.handles ?? 0);
  const memoryBytes = (last.memoryBytes ?? 0) - (base.memoryBytes ?? 0);
  return handles >= policy.leakHandlesMax || memoryBytes >= policy.leakMemoryMaxBytes;
}

/** What one launch leaves behind; 0 when growth does not follow launches. */
function growth(samples: readonly LeakSample[], of: "handles" | "memoryBytes"): number {
  const launches: number[] = [];
  const values: number[] = [];
  for (const sample of samples) {
    const value = sample[of];
    if (value === null) continue;
    launches.push(sample.launches);
    values.push(value);
  }
  if (values.length < SAMPLES_MIN) return 0;
  const line = lineThrough(launches, values);
  return line !== null && line.fit >= FIT_MIN ? Math.max(0, line.slope) : 0;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
