/** Ends and clears away sessions: believed only when they are seen to be gone, repeated until then. */
import { SECOND_MS, formatDuration } from "#base/units.ts";
import type { Finding } from "#core/incident/finding.ts";
import type { Policy } from "#core/policy.ts";
import { decideStopRate, type StopCounts } from "#core/session/decide-stop-rate.ts";
import type { SessionEnd, SessionId } from "#core/session/session.ts";
import type { Clock } from "#ports/clock.ts";
import type { Log } from "#ports/log.ts";
import type { SessionDriver } from "#ports/session-driver.ts";
import type { SessionRegistry } from "./session-registry.ts";
import { isUnanswered } from "./unanswered.ts";
import { withinTime } from "./within-time.ts";

export interface SessionEnderDeps {
  readonly driver: SessionDriver;
  readonly registry: SessionRegistry;
  readonly clock: Clock;
  readonly log: Log;
  readonly policy: Policy;
}

/** `end` leaves the record for whoever asks; `remove` leaves nothing. */
type Wish = "end" | "remove";

type Asked = "done" | "refused" | "unanswered";

interface Ending {
  readonly id: SessionId;
  readonly end: SessionEnd;
  wish: Wish;
  /** Housekeeping goes at its rate; what a launch wants gone goes at once. */
  isPaced: boolean;
  readonly sinceMs: number;
  attempts: number;
  isRunning: boolean;
  cancelRetry: (() => void) | null;
  readonly waiting: (() => void)[];
}

const ATTEMPT_MAX_MS = 30 * SECOND_MS;
const RETRY_FIRST_MS = 1 * SECOND_MS;
const RETRY_LAST_MS = 30 * SECOND_MS;
/** Where nobody answered, what was asked for is as good as before. */
const UNANSWERED_RETRY_LAST_MS = 10 * SECOND_MS;
const PACED_AT_ONCE_MAX = 20;
const WINDOW_MS = 60 * SECOND_MS;

export class SessionEnder {
  readonly #deps: SessionEnderDeps;
  readonly #endings = new Map<SessionId, Ending>();
  /** In the order in which they are to go. */
  readonly #queue = new Set<Ending>();
  readonly #late = new Set<Ending>();
  #pacedRunning = 0;
  #second = { startMs: 0, started: 0 };
  #cancelPump: (() => void) | null = null;
  #asked = 0;
  #refused = 0;
  #window = { startMs: 0, asked: 0, refused: 0 };
  #before: StopCounts = { asked: 0, refused: 0 };
  #trippedSinceMs: number | null = null;
  #isStopped = false;

  constructor(deps: SessionEnderDeps) {
    this.#deps = deps;
  }

  isEnding(id: SessionId): boolean {
    return this.#endings.has(id);
  }

  /** Stops and removes it now; resolves when it is gone, or did not go at the first attempt. */
  remove(id: SessionId): Promise<void> {
    const ending = this.#ending(id, "stopped", "remove");
    ending.isPaced = false;
    this.#queue.delete(ending);
    const done = new Promise<void>((resolve) => ending.waiting.push(resolve));
    if (!ending.isRunning) void this.#attempt(ending);
    return done;
  }

  /** Stops it, or clears away what has ended, when its turn comes. */
  enqueue(id: SessionId, wish: Wish, end: SessionEnd = "stopped"): void {
    if (this.#endings.has(id)) return;
    const ending = this.#ending(id, end, wish);
    ending.isPaced = true;
    this.#queue.add(ending);
    this.#pump();
  }

  counts(): StopCounts {
    return { asked: this.#asked, refused: this.#refused };
  }

  findings(): readonly Finding[] {
    const findings: Finding[] = [];
    const [first] = this.#late;
    if (first !== undefined) {
      const ageMs = this.#deps.clock.nowMs() - first.sinceMs;
      findings.push({
        cause: "sessions-orphaned",
        subject: { kind: "cluster", name: "sessions" },
        severity: "act",
        evidence: `${this.#late.size} sessions were stopped and are still there, the first for ${formatDuration(ageMs)}.`,
        sinceMs: first.sinceMs,
      });
    }
    const { asked, refused } = this.#lately();
    if (this.#rate().isTripped && this.#trippedSinceMs !== null) {
      findings.push({
        cause: "culler-flood",
        subject: { kind: "loop", name: "culler" },
        severity: "act",
        evidence: `${refused} of ${asked} stops were refused within about a minute; they go slowly now.`,
        sinceMs: this.#trippedSinceMs,
      });
    }
    return findings;
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancelPump?.();
    this.#queue.clear();
    for (const ending of this.#endings.values()) ending.cancelRetry?.();
  }

  #ending(id: SessionId, end: SessionEnd, wish: Wish): Ending {
    const known = this.#endings.get(id);
    if (known !== undefined) {
      if (wish === "remove") known.wish = "remove";
      return known;
    }
    const sinceMs = this.#deps.clock.nowMs();
    const fresh = { attempts: 0, isPaced: true, isRunning: false, cancelRetry: null, waiting: [] };
    const ending: Ending = { id, end, wish, sinceMs, ...fresh };
    this.#endings.set(id, ending);
    return ending;
  }

  async #attempt(ending: Ending): Promise<void> {
    ending.isRunning = true;
    ending.attempts += 1;
    ending.cancelRetry?.();
    ending.cancelRetry = null;
    const { wish } = ending;
    const asked = await this.#ask(ending);
    const seen = await this.#look(ending);
    // A question that nobody answered says nothing about what was asked.
    const isAnswered = asked !== "unanswered" && seen !== "unknown";
    if (isAnswered) this.#count(ending.isPaced, asked === "refused");
    const isGone = seen === "gone" || this.#deps.policy.deleteVerifyMs <= 0;
    ending.isRunning = false;
    for (const resolve of ending.waiting.splice(0)) resolve();
    if (isGone && wish === ending.wish) {
      this.#endings.delete(ending.id);
      this.#late.delete(ending);
    } else this.#again(ending, isAnswered ? RETRY_LAST_MS : UNANSWERED_RETRY_LAST_MS);
  }

  /** What did not come back counts as refused. */
  async #ask({ end, id, wish }: Ending): Promise<Asked> {
    const { clock, driver, log, registry } = this.#deps;
    const act = async () => {
      if (registry.get(id)?.state.kind !== "ended") await driver.stop(id, end);
      if (wish === "remove") await driver.remove(id);
    };
    try {
      const isInTime = await withinTime(act(), ATTEMPT_MAX_MS, clock);
      if (isInTime === "late") throw new Error("the stop did not come back");
      return "done";
    } catch (error) {
      log.warn("a session could not be stopped; it is tried again", { id, error });
      return isUnanswered(error) ? "unanswered" : "refused";
    }
  }

  async #look({ id, wish }: Ending): Promise<"gone" | "there" | "unknown"> {
    const { clock, log, registry } = this.#deps;
    try {
      const seen = await withinTime(registry.refresh(id), ATTEMPT_MAX_MS, clock);
      if (seen === "late") return "unknown";
      return seen === null || (wish === "end" && seen.state.kind === "ended") ? "gone" : "there";
    } catch (error) {
      log.debug("a stopped session could not be looked at", { id, error });
      return "unknown";
    }
  }

  #again(ending: Ending, lastMs: number): void {
    if (this.#isStopped) return;
    const { clock, policy } = this.#deps;
    if (clock.nowMs() - ending.sinceMs >= policy.deleteVerifyMs) this.#late.add(ending);
    const delayMs = Math.min(lastMs, RETRY_FIRST_MS * 2 ** Math.min(10, ending.attempts - 1));
    ending.cancelRetry = clock.setTimer(delayMs, () => {
      ending.cancelRetry = null;
      if (ending.isPaced) {
        this.#queue.add(ending);
        this.#pump();
      } else if (!ending.isRunning) void this.#attempt(ending);
    });
  }

  /** Starts what may start now, and comes back when more may. */
  #pump(): void {
    if (this.#isStopped || this.#cancelPump !== null) return;
    const nowMs = this.#deps.clock.monotonicMs();
    if (nowMs - this.#second.startMs >= SECOND_MS) this.#second = { startMs: nowMs, started: 0 };
    const { perSecondMax } = this.#rate();
    for (const ending of this.#queue) {
      if (this.#pacedRunning >= PACED_AT_ONCE_MAX) return;
      if (this.#second.started >= perSecondMax) break;
      this.#queue.delete(ending);
      this.#second.started += 1;
      this.#pacedRunning += 1;
      void this.#attempt(ending).finally(() => {
        this.#pacedRunning -= 1;
        this.#pump();
      });
    }
    if (this.#queue.size === 0) return;
    const delayMs = Math.max(1, this.#second.startMs + SECOND_MS - nowMs);
    this.#cancelPump = this.#deps.clock.setTimer(delayMs, () => {
      this.#cancelPump = null;
      this.#pump();
    });
  }

  #count(isPaced: boolean, isRefused: boolean): void {
    const nowMs = this.#deps.clock.nowMs();
    const refused = isRefused ? 1 : 0;
    this.#asked += 1;
    this.#refused += refused;
    if (!isPaced) return;
    this.#roll(nowMs);
    this.#window.asked += 1;
    this.#window.refused += refused;
    if (!this.#rate().isTripped) this.#trippedSinceMs = null;
    else this.#trippedSinceMs ??= nowMs;
  }

  #roll(nowMs: number): void {
    const ageMs = nowMs - this.#window.startMs;
    if (ageMs < WINDOW_MS) return;
    const { asked, refused } = this.#window;
    this.#before = ageMs < 2 * WINDOW_MS ? { asked, refused } : { asked: 0, refused: 0 };
    this.#window = { startMs: nowMs, asked: 0, refused: 0 };
  }

  #lately(): StopCounts {
    this.#roll(this.#deps.clock.nowMs());
    const { asked, refused } = this.#window;
    return { asked: asked + this.#before.asked, refused: refused + this.#before.refused };
  }

  #rate() {
    return decideStopRate(this.#lately(), this.#deps.policy);
  }
}
