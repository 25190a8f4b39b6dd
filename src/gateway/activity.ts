/** Tells the session driver that a person is at work, seldom enough to cost nothing. */
import type { Clock } from "#ports/clock.ts";
import type { RouteSource } from "#ports/route-source.ts";
import type { KnownSession } from "./route-cache.ts";

export class Activity {
  readonly #source: Pick<RouteSource, "noteActivity">;
  readonly #clock: Clock;
  readonly #intervalMs: number;

  constructor(source: Pick<RouteSource, "noteActivity">, clock: Clock, intervalMs: number) {
    this.#source = source;
    this.#clock = clock;
    this.#intervalMs = intervalMs;
  }

  note(session: KnownSession): void {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - session.notedAtMs < this.#intervalMs) return;
    session.notedAtMs = nowMs;
    this.#source.noteActivity(session.id, this.#clock.nowMs());
  }
}

/**
 * Pages poll `api/` all the time, also when nobody looks: that is no work. Everything else that is
 * asked for, and everything that is changed, is.
 */
export function isActivity(method: string, rest: string): boolean {
  const isRead = method === "GET" || method === "HEAD" || method === "OPTIONS";
  return !isRead || !(rest.startsWith("api/") || rest === "api");
}
