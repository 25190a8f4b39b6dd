/** Notices when hints about sessions stop coming, by the changes that nothing told of. */
import { SECOND_MS, formatDuration } from "#base/units.ts";
import type { Finding } from "#core/incident/finding.ts";
import { decideWatch, WATCH_IS_FINE, type WatchPolicy } from "#core/session/decide-watch.ts";
import type { SessionId } from "#core/session/session.ts";
import type { Clock } from "#ports/clock.ts";

/** A hint may be late by so much. */
const HINT_LATE_MS = 5 * SECOND_MS;
/** What was found stays findable for this long after it was repaired. */
const FINDING_KEPT_MS = 30 * SECOND_MS;
/** What does not help so often needs somebody else. */
const RENEWALS_MAX = 2;

export interface WatchVerdict {
  readonly isRenewed: boolean;
  readonly nextListMs: number;
}

interface Found {
  readonly sinceMs: number;
  readonly untold: number;
  readonly untilMs: number;
  readonly renewals: number;
}

export class WatchGuard {
  readonly #clock: Clock;
  readonly #policy: WatchPolicy;
  #state = WATCH_IS_FINE;
  #lastHintMs: number;
  #hintsAtList = 0;
  #hints = 0;
  /** Ids that were hinted at lately, in two generations. */
  #hinted = new Set<SessionId>();
  #hintedBefore = new Set<SessionId>();
  #generationMs = 0;
  /** Changes that came out otherwise, until a hint names them. */
  readonly #suspects = new Map<SessionId, number>();
  #found: Found | null = null;

  constructor(clock: Clock, policy: WatchPolicy) {
    this.#clock = clock;
    this.#policy = policy;
    this.#lastHintMs = clock.monotonicMs();
  }

  hinted(id: SessionId): void {
    const nowMs = this.#clock.monotonicMs();
    this.#lastHintMs = nowMs;
    this.#hints += 1;
    this.#suspects.delete(id);
    if (nowMs - this.#generationMs >= HINT_LATE_MS) {
      this.#hintedBefore = nowMs - this.#generationMs < 2 * HINT_LATE_MS ? this.#hinted : new Set();
      this.#hinted = new Set();
      this.#generationMs = nowMs;
    }
    this.#hinted.add(id);
  }

  /** Something about the session was found to have changed, by a list or a look. */
  foundOut(id: SessionId): void {
    if (this.#policy.watchAgeMaxMs <= 0 || this.#suspects.has(id)) return;
    const nowMs = this.#clock.monotonicMs();
    const isLately = nowMs - this.#generationMs < 2 * HINT_LATE_MS;
    if (isLately && (this.#hinted.has(id) || this.#hintedBefore.has(id))) return;
    this.#suspects.set(id, nowMs);
  }

  listed(): WatchVerdict {
    const monotonicMs = this.#clock.monotonicMs();
    const nowMs = this.#clock.nowMs();
    let untold = 0;
    for (const [id, sinceMs] of this.#suspects) {
      if (monotonicMs - sinceMs < HINT_LATE_MS) continue;
      this.#suspects.delete(id);
      untold += 1;
    }
    const watchAgeMs = monotonicMs - this.#lastHintMs;
    const wasHinted = this.#hints !== this.#hintsAtList;
    this.#hintsAtList = this.#hints;
    const observed = { untold, watchAgeMs, wasHinted };
    const { isRenewed, next, nextListMs } = decideWatch(this.#state, observed, this.#policy, nowMs);
    this.#state = next;
    if (next.frozenSinceMs !== null) {
      this.#found = {
        sinceMs: next.frozenSinceMs,
        untold: (this.#found?.untold ?? 0) + untold,
        renewals: (this.#found?.renewals ?? 0) + (isRenewed ? 1 : 0),
        untilMs: nowMs + FINDING_KEPT_MS,
      };
    } else if (this.#found !== null && nowMs >= this.#found.untilMs) this.#found = null;
    // Those that are too young to be judged are soon old enough.
    const soonMs = this.#suspects.size > 0 ? HINT_LATE_MS : nextListMs;
    return { isRenewed, nextListMs: Math.min(soonMs, nextListMs) };
  }

  findings(): readonly Finding[] {
    const found = this.#found;
    if (found === null || this.#clock.nowMs() >= found.untilMs) return [];
    const ageMs = this.#clock.nowMs() - found.sinceMs;
    return [
      {
        cause: "watch-frozen",
        subject: { kind: "cluster", name: "session-watch" },
        severity: found.renewals > RENEWALS_MAX ? "act" : "note",
        evidence: `Full lists found ${found.untold} changes of sessions that no event told of in ${formatDuration(ageMs)}; events were asked for anew ${found.renewals} times.`,
        sinceMs: found.sinceMs,
      },
    ];
  }
}
