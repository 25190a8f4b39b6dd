/** Holds requests for the API while its process is being replaced, so that a restart goes unnoticed. */
import type { Clock } from "#ports/clock.ts";
import type { GatewayLimits } from "./gateway-limits.ts";
import type { Counters } from "./gateway-metrics.ts";
import { openSocket, type Target } from "./target-socket.ts";

interface Parts {
  readonly target: Target;
  readonly clock: Clock;
  readonly counters: Counters;
  readonly limits: Pick<
    GatewayLimits,
    "holdMs" | "holdProbeMs" | "heldRequestsMax" | "connectTimeoutMs"
  >;
}

interface Waiter {
  readonly untilMs: number;
  readonly resolve: (isUp: boolean) => void;
}

export class ApiGate {
  readonly #parts: Parts;
  #waiting: Waiter[] = [];
  #cancelProbe: (() => void) | null = null;
  #isProbing = false;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Called when nobody listened. True as soon as somebody does again; false when that takes too
   * long, or when too many wait already.
   */
  whenUp(): Promise<boolean> {
    const { clock, counters, limits } = this.#parts;
    if (this.#waiting.length >= limits.heldRequestsMax) {
      counters.held.givenUp += 1;
      return Promise.resolve(false);
    }
    counters.held.now += 1;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.#waiting.push({ untilMs: clock.monotonicMs() + limits.holdMs, resolve });
    this.#probeLater(0);
    return promise;
  }

  close(): void {
    this.#cancelProbe?.();
    this.#settle(this.#waiting, false);
    this.#waiting = [];
  }

  #probeLater(delayMs: number): void {
    if (this.#isProbing) return;
    this.#isProbing = true;
    this.#cancelProbe = this.#parts.clock.setTimer(delayMs, () => this.#probe());
  }

  #probe(): void {
    const { clock, target, limits } = this.#parts;
    const options = { timeoutMs: limits.connectTimeoutMs, allowHalfOpen: false };
    openSocket(clock, target, options, (error, socket) => {
      this.#isProbing = false;
      socket?.destroy();
      if (error === null) {
        this.#release(() => true, true);
        return;
      }
      const nowMs = clock.monotonicMs();
      this.#release((waiter) => waiter.untilMs <= nowMs, false);
      if (this.#waiting.length > 0) this.#probeLater(limits.holdProbeMs);
    });
  }

  #release(isMeant: (waiter: Waiter) => boolean, isUp: boolean): void {
    const released = this.#waiting.filter(isMeant);
    this.#waiting = this.#waiting.filter((waiter) => !isMeant(waiter));
    this.#settle(released, isUp);
  }

  #settle(waiters: readonly Waiter[], isUp: boolean): void {
    const { held } = this.#parts.counters;
    held.now -= waiters.length;
    if (isUp) held.released += waiters.length;
    else held.givenUp += waiters.length;
    for (const waiter of waiters) waiter.resolve(isUp);
  }
}
