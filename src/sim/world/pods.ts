/** What runs on the nodes of the pretend cluster. */
import type { SessionEnd, SessionRecord } from "#core/session/session.ts";
import type { PretendNode } from "./node.ts";
import type { PodRole } from "./records.ts";

export type PodStep = "placing" | "pulling" | "starting" | "running" | "ended";

export interface Pod {
  readonly name: string;
  readonly role: PodRole;
  readonly createdAtMs: number;
  readonly image: string | null;
  /** For which it was made; null for pods of no launch. */
  readonly launch: string | null;
  /** Another node, where there is one. */
  readonly avoidNodes: readonly string[];
  /** Called when its state may have changed. */
  readonly changed: () => void;
  node: PretendNode | null;
  step: PodStep;
  cancelStep: (() => void) | null;
}

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
