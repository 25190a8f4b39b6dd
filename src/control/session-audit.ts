/** Looks now and then for sessions that should not be there, and ends those that are nobody's. */
import { SECOND_MS, formatDuration } from "#base/units.ts";
import type { Finding } from "#core/incident/finding.ts";
import type { Policy } from "#core/policy.ts";
import { judgeStanding, type Ownership, type Standing } from "#core/session/judge-standing.ts";
import type { ObservedSession, SessionId } from "#core/session/session.ts";
import type { Clock } from "#ports/clock.ts";
import type { Log } from "#ports/log.ts";
import type { SessionEnder } from "./session-ender.ts";
import type { SessionRegistry } from "./session-registry.ts";

export interface SessionAuditDeps {
  readonly registry: SessionRegistry;
  readonly ender: SessionEnder;
  readonly ownership: (session: ObservedSession) => Ownership;
  readonly activeSinceMs: () => number;
  readonly clock: Clock;
  readonly log: Log;
  readonly policy: Policy;
}

const INTERVAL_MS = 30 * SECOND_MS;

export class SessionAudit {
  readonly #deps: SessionAuditDeps;
  readonly #beganMs: number;
  #lookedAtMs: number | null = null;
  #overdue: { readonly count: number; readonly id: SessionId; readonly sinceMs: number } | null =
    null;

  constructor(deps: SessionAuditDeps) {
    this.#deps = deps;
    this.#beganMs = deps.clock.monotonicMs();
  }

  /** May be called at any time; looks at every session, so seldom. */
  look(): void {
    const { clock, ender, registry } = this.#deps;
    const monotonicMs = clock.monotonicMs();
    if (this.#lookedAtMs !== null && monotonicMs - this.#lookedAtMs < INTERVAL_MS) return;
    this.#lookedAtMs = monotonicMs;
    const nowMs = clock.nowMs();
    let count = 0;
    let first: ObservedSession | null = null;
    for (const session of registry.values()) {
      const standing = this.#standingOf(session, nowMs);
      const { id } = session.record;
      if (standing === "overdue") {
        count += 1;
        first ??= session;
      } else if (standing === "orphan" && !ender.isEnding(id)) {
        void this.#endOrphan(id);
      }
    }
    const sinceMs = this.#overdue?.sinceMs ?? nowMs;
    this.#overdue = first === null ? null : { count, id: first.record.id, sinceMs };
  }

  #standingOf(session: ObservedSession, nowMs: number): Standing {
    const { activeSinceMs, clock, ownership, policy } = this.#deps;
    const now = { activeSinceMs: activeSinceMs(), nowMs };
    const known = ownership(session);
    // After a start those who wait come back one after the other, and ask for what is theirs.
    const isEarly = clock.monotonicMs() - this.#beganMs < policy.launchGraceMs;
    return judgeStanding(session, known === "unknown" && isEarly ? "owned" : known, policy, now);
  }

  /** What was seen a while ago may be in use by now: where nobody answers, nothing is ended. */
  async #endOrphan(id: SessionId): Promise<void> {
    const { clock, ender, log, registry } = this.#deps;
    try {
      const session = await registry.refresh(id);
      if (session === null || this.#standingOf(session, clock.nowMs()) !== "orphan") return;
      log.warn("a session that is nobody's is ended", {
        id,
        createdAtMs: session.record.createdAtMs,
      });
      ender.enqueue(id, "remove");
    } catch (error) {
      log.debug("a session that seems to be nobody's could not be looked at", { id, error });
    }
  }

  findings(): readonly Finding[] {
    if (this.#overdue === null) return [];
    const { count, id, sinceMs } = this.#overdue;
    const ageMs = this.#deps.clock.nowMs() - sinceMs;
    return [
      {
        cause: "sessions-overdue",
        subject: { kind: "cluster", name: "sessions" },
        severity: "act",
        evidence: `${count} sessions are past their age limit, ${id} among them, seen for ${formatDuration(ageMs)}.`,
        sinceMs,
      },
    ];
  }
}
