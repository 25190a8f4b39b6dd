/** Ids of events in a stream: they survive a reconnection, and a control plane that starts anew. */
import type { LaunchId, LaunchView } from "#core/launch/launch.ts";

/** Where a reader is: the number of its last event, and which life of the launch it was in. */
export interface EventPosition {
  readonly number: number;
  /** When the launch was submitted; null when the reader gave only a number. */
  readonly submittedAtMs: number | null;
}

export const POSITION_FORM = "^[0-9]{1,9}(@[0-9a-z]{1,12})?$";

/** `3@mf0q1x2k`: event 3 of the launch submitted at that time (base 36). */
export function eventId(number: number, launch: Pick<LaunchView, "submittedAtMs">): string {
  return `${number}@${launch.submittedAtMs.toString(36)}`;
}

export function parsePosition(text: string): EventPosition | null {
  const match = /^([0-9]{1,9})(?:@([0-9a-z]{1,12}))?$/.exec(text);
  if (match?.[1] === undefined) return null;
  const submittedAtMs = match[2] === undefined ? null : Number.parseInt(match[2], 36);
  return { number: Number(match[1]), submittedAtMs };
}

/**
 * The number after which events are sent. A launch that was submitted anew after a restart counts
 * from 1 again: a reader of its former life gets all of it.
 */
export function numberAfter(
  position: EventPosition | null,
  launch: Pick<LaunchView, "submittedAtMs">,
): number {
  if (position === null) return 0;
  const { number, submittedAtMs } = position;
  return submittedAtMs === null || submittedAtMs === launch.submittedAtMs ? number : 0;
}

/** What `/build` sends as id: the launch comes with it, so that a reconnection finds it again. */
export interface BuildStreamId {
  readonly launchId: LaunchId;
  readonly position: EventPosition;
}

/** Sent with a refusal: who reconnects by itself is told to stop. */
export const REFUSED_ID = "refused";

export function buildStreamId(
  number: number,
  launch: Pick<LaunchView, "id" | "submittedAtMs">,
): string {
  return `${launch.id}:${eventId(number, launch)}`;
}

export function parseBuildStreamId(text: string): BuildStreamId | null {
  const [launchId, rest, ...more] = text.split(":");
  if (launchId === undefined || rest === undefined || more.length > 0) return null;
  const position = LAUNCH_ID.test(launchId) ? parsePosition(rest) : null;
  return position === null ? null : { launchId, position };
}

export const LAUNCH_ID_FORM = "^[A-Za-z0-9_-]{16,64}$";
const LAUNCH_ID = new RegExp(LAUNCH_ID_FORM);
