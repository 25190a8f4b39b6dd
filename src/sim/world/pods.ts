/** What runs on the nodes of the pretend cluster. */
import { MINUTE_MS } from "#base/units.ts";
import type {
  ObservedSession,
  SessionEnd,
  SessionRecord,
  SessionState,
} from "#core/session/session.ts";
import type { Pod } from "./node.ts";
import type { PodRole } from "./records.ts";

/** Of a session that was given so long ago it is known whether its person came. */
const YOUNG_MS = 5 * MINUTE_MS;

/** A session's pod: the record lies on it as labels and annotations do. */
export interface SessionPod extends Pod {
  record: SessionRecord;
  end: SessionEnd | null;
  exitCode: number | null;
  /** A person is at work in it until then; null when nobody came. */
  useUntilMs: number | null;
  lastActivityAtMs: number;
  outOfMemoryKills: number;
  /** Ends by itself: too old, or idle for twice its limit. */
  cancelSelfEnd: (() => void) | null;
  /** As it was observed last. */
  observed: ObservedSession | null;
}

/** One object for all sessions: a list of all is asked for every few seconds. */
const STATES = {
  placing: { kind: "starting", step: "placing" },
  pulling: { kind: "starting", step: "pulling" },
  starting: { kind: "starting", step: "starting" },
  running: { kind: "running" },
} as const satisfies Record<string, SessionState>;

function stateOf(pod: SessionPod): SessionState {
  if (pod.step !== "ended") return STATES[pod.step];
  // What has ended does not change any more.
  const known = pod.observed?.state;
  if (known?.kind === "ended") return known;
  return { kind: "ended", end: pod.end ?? "stopped", exitCode: pod.exitCode };
}

/** The same object as long as nothing has changed: a list of all is asked for every few seconds. */
export function observePod(pod: SessionPod, nowMs: number): ObservedSession {
  const { observed, outOfMemoryKills, record } = pod;
  const state = stateOf(pod);
  const lastActivityAtMs = toldActivityMs(pod, nowMs);
  const node = pod.node?.name ?? null;
  const isSame =
    observed !== null &&
    observed.record === record &&
    observed.state === state &&
    observed.lastActivityAtMs === lastActivityAtMs &&
    observed.node === node &&
    observed.outOfMemoryKills === outOfMemoryKills;
  if (isSame) return observed;
  pod.observed = { record, state, lastActivityAtMs, outOfMemoryKills, node, memoryBytes: null };
  return pod.observed;
}

/** While somebody is at work the session tells so; one that was given long ago, once a minute. */
function toldActivityMs(pod: SessionPod, nowMs: number): number {
  const { lastActivityAtMs, record, useUntilMs } = pod;
  if (useUntilMs === null || useUntilMs <= nowMs) {
    return Math.max(lastActivityAtMs, useUntilMs ?? 0);
  }
  const isYoung = nowMs - (record.claimedAtMs ?? record.createdAtMs) < YOUNG_MS;
  return isYoung ? nowMs : Math.max(lastActivityAtMs, nowMs - (nowMs % MINUTE_MS));
}

/** Until then it is observed as now, unless it is changed. */
export function heldUntilMs({ record, step, useUntilMs }: SessionPod, nowMs: number): number {
  if (step !== "running" && step !== "ended") return nowMs;
  if (useUntilMs === null || useUntilMs <= nowMs) return Number.POSITIVE_INFINITY;
  if (nowMs - (record.claimedAtMs ?? record.createdAtMs) < YOUNG_MS) return nowMs;
  return Math.min(useUntilMs, nowMs - (nowMs % MINUTE_MS) + MINUTE_MS);
}

/** These take a seat each; the others have room of their own. */
export function takesSeat(role: PodRole): boolean {
  return role === "session" || role === "canary" || role === "placeholder";
}
