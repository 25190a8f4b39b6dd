/** What is written down of a launch and of a session when it ends. */
import type { LaunchView } from "#core/launch/launch.ts";
import type { ObservedSession } from "#core/session/session.ts";
import type { HistoryEntry } from "#ports/history.ts";

export function launchEntry(view: LaunchView, nowMs: number): HistoryEntry {
  const { provider, ref, spec } = view.repo;
  return {
    kind: "launch",
    atMs: nowMs,
    launchId: view.id,
    provider,
    spec,
    ref,
    commit: view.commit,
    outcome: view.failure === null ? "ready" : "failed",
    code: view.failure?.code ?? null,
    attempts: view.attempts,
    durationMs: nowMs - view.submittedAtMs,
  };
}

export function sessionEntry({ record, state }: ObservedSession, nowMs: number): HistoryEntry {
  return {
    kind: "session",
    atMs: nowMs,
    sessionId: record.id,
    end: state.kind === "ended" ? state.end : "removed",
    durationMs: nowMs - (record.claimedAtMs ?? record.createdAtMs),
  };
}
