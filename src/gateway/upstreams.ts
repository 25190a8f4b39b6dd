/** Connections to sessions and to the API: kept open between requests, closed when nobody asks. */
import { Pool } from "undici";
import type { Clock } from "#ports/clock.ts";
import type { GatewayLimits } from "./gateway-limits.ts";
import { openSocket, type Target } from "./target-socket.ts";

/** One target and its connections. */
export interface Upstream {
  readonly pool: Pool;
  /** Requests on their way. */
  active: number;
  lastUsedMs: number;
}

type Limits = Pick<
  GatewayLimits,
  | "connectTimeoutMs"
  | "firstByteTimeoutMs"
  | "headerBytesMax"
  | "upstreamKeepAliveMs"
  | "upstreamIdleMs"
>;

export class Upstreams {
  readonly #clock: Clock;
  readonly #limits: Limits;
  readonly #byTarget = new Map<string, Upstream>();
  #cancelSweep: (() => void) | null = null;

  constructor(clock: Clock, limits: Limits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  /** `connectionsMax` null: as many as there are requests. */
  to(target: Target, connectionsMax: number | null): Upstream {
    const key = target.kind === "unix" ? target.path : `${target.host}:${target.port}`;
    let upstream = this.#byTarget.get(key);
    if (upstream === undefined) {
      upstream = { pool: this.#createPool(target, connectionsMax), active: 0, lastUsedMs: 0 };
      this.#byTarget.set(key, upstream);
      this.#sweepLater();
    }
    upstream.lastUsedMs = this.#clock.monotonicMs();
    return upstream;
  }

  async close(): Promise<void> {
    this.#cancelSweep?.();
    const pools = [...this.#byTarget.values()].map((upstream) => upstream.pool.destroy());
    this.#byTarget.clear();
    await Promise.all(pools);
  }

  #createPool(target: Target, connectionsMax: number | null): Pool {
    const options = { timeoutMs: this.#limits.connectTimeoutMs, allowHalfOpen: false };
    return new Pool("http://session", {
      connections: connectionsMax,
      pipelining: 1,
      connect: (_, callback) => openSocket(this.#clock, target, options, callback),
      headersTimeout: this.#limits.firstByteTimeoutMs,
      // The person's side knows better when nothing moves: a reader may pause for long.
      bodyTimeout: 0,
      keepAliveTimeout: this.#limits.upstreamKeepAliveMs,
      keepAliveMaxTimeout: this.#limits.upstreamKeepAliveMs,
      maxHeaderSize: this.#limits.headerBytesMax,
    });
  }

  #sweepLater(): void {
    if (this.#cancelSweep !== null) return;
    this.#cancelSweep = this.#clock.setTimer(this.#limits.upstreamIdleMs / 2, () => {
      this.#cancelSweep = null;
      this.#sweep();
      if (this.#byTarget.size > 0) this.#sweepLater();
    });
  }

  #sweep(): void {
    const oldestMs = this.#clock.monotonicMs() - this.#limits.upstreamIdleMs;
    for (const [key, upstream] of this.#byTarget) {
      if (upstream.active > 0 || upstream.lastUsedMs > oldestMs) continue;
      this.#byTarget.delete(key);
      // Nothing is on its way, so this only closes idle connections and cannot fail.
      void upstream.pool.destroy();
    }
  }
}
