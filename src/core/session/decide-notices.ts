/** What the people in sessions have to be told: memory ran out, the end is near. */
import { formatBytes, formatDuration, MINUTE_MS } from "#base/units.ts";
import type { Policy } from "../policy.ts";
import type { ObservedSession, SessionNotice } from "./session.ts";

type NoticePolicy = Pick<Policy, "sessionMemoryBytes" | "noticeBeforeEndMs">;

const NOTHING: readonly SessionNotice[] = [];

/** All notices that are due now; the same ones again until their occasion has passed. */
export function decideNotices(
  session: ObservedSession,
  policy: NoticePolicy,
  nowMs: number,
): readonly SessionNotice[] {
  const { record, state, lastActivityAtMs, outOfMemoryKills } = session;
  if (state.kind === "ended" || record.claimedAtMs === null) return NOTHING;
  const beforeEndMs = record.endsAtMs - nowMs;
  const isEndNear = beforeEndMs > 0 && beforeEndMs <= policy.noticeBeforeEndMs;
  const idleLeftMs = lastActivityAtMs + record.idleLimitMs - nowMs;
  const idleToldMs = Math.min(policy.noticeBeforeEndMs, record.idleLimitMs / 2);
  const isIdleLong = idleLeftMs > 0 && idleLeftMs <= idleToldMs;
  if (outOfMemoryKills === 0 && !isEndNear && !isIdleLong) return NOTHING;
  const notices: SessionNotice[] = [];
  if (outOfMemoryKills > 0) {
    notices.push({
      id: `memory-${outOfMemoryKills}`,
      level: "error",
      message: `A process was ended because this session ran out of memory (limit ${formatBytes(policy.sessionMemoryBytes)}). If it was a kernel, its variables are lost; files are not. Work with less data at once, or ask the operator for more memory.`,
      atMs: nowMs,
    });
  }
  if (isEndNear) {
    notices.push({
      id: `end-${record.endsAtMs}`,
      level: "warning",
      message: `This session ends in ${formatDuration(roundUp(beforeEndMs))}: it is as old as sessions may get. Download what you want to keep.`,
      atMs: nowMs,
    });
  }
  if (isIdleLong) {
    notices.push({
      id: `idle-${lastActivityAtMs}`,
      level: "warning",
      message: `Nobody has worked here for a while: this session ends in ${formatDuration(roundUp(idleLeftMs))} unless you run or change something.`,
      atMs: nowMs,
    });
  }
  return notices;
}

function roundUp(durationMs: number): number {
  return Math.ceil(durationMs / MINUTE_MS) * MINUTE_MS;
}
