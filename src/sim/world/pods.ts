/** What runs on the nodes of the pretend cluster. */
import type { SessionEnd, SessionRecord, SessionState } from "#core/session/session.ts";
import type { Pod } from "./node.ts";
import type { PodRole } from "./records.ts";

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
}

/** One object for all sessions: a list of all is asked for every few seconds. */
const STATES = {
  placing: { kind: "starting", step: "placing" },
  pulling: { kind: "starting", step: "pulling" },
  starting: { kind: "starting", step: "starting" },
  running: { kind: "running" },
} as const satisfies Record<string, SessionState>;

export function stateOf(pod: SessionPod): SessionState {
  if (pod.step === "ended") {
    return { kind: "ended", end: pod.end ?? "stopped", exitCode: pod.exitCode };
  }
  return STATES[pod.step];
}

/** These take a seat each; the others have room of their own. */
export function takesSeat(role: PodRole): boolean {
  return role === "session" || role === "canary" || role === "placeholder";
}
