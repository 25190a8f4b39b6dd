/** How long it took lately to copy an environment to a machine, for people's sessions. */
import { type ObservedSession, type SessionId, startStepOf } from "#core/session/session.ts";
import type { Clock } from "#ports/clock.ts";
import { StartTimes } from "./start-times.ts";

export class PullTimes {
  readonly #clock: Pick<Clock, "nowMs">;
  readonly #guessMs: number;
  readonly #times = new StartTimes();
  readonly #sinceMs = new Map<SessionId, number>();

  /** `guessMs` is taken until some were seen. */
  constructor(clock: Pick<Clock, "nowMs">, guessMs: number) {
    this.#clock = clock;
    this.#guessMs = guessMs;
  }

  /** Nearly all stay below: whoever comes to a copy under way waits for less. */
  get longMs(): number {
    return this.#times.p95Ms ?? this.#guessMs;
  }

  /** Follows a change of a session. */
  note(before: ObservedSession | null, now: ObservedSession | null): void {
    const id = (now ?? before)?.record.id;
    if (id === undefined) return;
    const isStarting = now?.state.kind === "starting";
    if (isStarting && startStepOf(now) === "pulling") {
      if (!this.#sinceMs.has(id)) this.#sinceMs.set(id, this.#clock.nowMs());
      return;
    }
    const sinceMs = this.#sinceMs.get(id);
    if (sinceMs === undefined) return;
    this.#sinceMs.delete(id);
    const isDone = isStarting || now?.state.kind === "running";
    const isOfPerson = now?.record.purpose?.isCanary === false;
    if (isDone && isOfPerson) this.#times.add(this.#clock.nowMs() - sinceMs);
  }
}
