/** What leaves the server of a session: everything but its token. */
import type { ObservedSession } from "#core/session/session.ts";

export function sessionView(session: ObservedSession) {
  const { record } = session;
  return {
    id: record.id,
    path: `/user/${record.id}/`,
    state: session.state,
    purpose: record.purpose,
    createdAtMs: record.createdAtMs,
    claimedAtMs: record.claimedAtMs,
    lastActivityAtMs: session.lastActivityAtMs,
    endsAtMs: record.endsAtMs,
    idleLimitMs: record.idleLimitMs,
    outOfMemoryKills: session.outOfMemoryKills,
    memoryBytes: session.memoryBytes,
  };
}
