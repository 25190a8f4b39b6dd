/** What runs on the nodes of the pretend cluster. */
import type { SessionEnd, SessionRecord } from "#core/session/session.ts";
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

/** These take a seat each; the others have room of their own. */
export function takesSeat(role: PodRole): boolean {
  return role === "session" || role === "canary" || role === "placeholder";
}
