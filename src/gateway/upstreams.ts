/** Connections to sessions and to the API: kept open between requests, closed when nobody asks. */
import type { Clock } from "#ports/clock.ts";
import type { GatewayLimits } from "./gateway-limits.ts";
import { openSocket, type Target } from "./target-socket.ts";
import { type Exchange, UpstreamConnection } from "./upstream-connection.ts";

type Limits = Pick<
  GatewayLimits,
  "connectTimeoutMs" | "firstByteTimeoutMs" | "headerBytesMax" | "upstreamKeepAliveMs"
>;

/** A request on its way; `abort` ends it silently, wherever it is. */
export interface Passage {
  abort(): void;
  /** The response may go on. */
  resume(): void;
}

/** One target and its connections. */
export class Upstream {
  readonly #target: Target;
  readonly #clock: Clock;
  readonly #limits: Limits;
  readonly #connectionsMax: number;
  /** Free ones, the last used at the end: it is used first, so that the others may be closed. */
  #free: UpstreamConnection[] = [];
  readonly #waiting = new Set<Carried>();
  /** Free, busy and being opened. */
  #connections = 0;

  constructor(target: Target, connectionsMax: number, clock: Clock, limits: Limits) {
    this.#target = target;
    this.#connectionsMax = connectionsMax;
    this.#clock = clock;
    this.#limits = limits;
  }

  /** Sends it as soon as there is a connection; fails by `exchange.onError`, never by throwing. */
  carry(exchange: Exchange): Passage {
    const carried = new Carried(exchange, (one) => this.#waiting.delete(one));
    const connection = this.#free.pop();
    if (connection !== undefined) carried.start(connection);
    else if (this.#connections < this.#connectionsMax) this.#open(carried);
    else this.#waiting.add(carried);
    return carried;
  }

  /** Closes connections that were free for too long; true when none is left. */
  closeIdle(nowMs: number): boolean {
    const oldestMs = nowMs - this.#limits.upstreamKeepAliveMs;
    const isOld = (connection: UpstreamConnection) => connection.freeSinceMs <= oldestMs;
    for (const connection of this.#free.filter(isOld)) connection.destroy();
    return this.#connections === 0 && this.#waiting.size === 0;
  }

  /** Whatever was waiting for its next request may have been closed at the other end. */
  closeFree(): void {
    for (const connection of this.#free) connection.destroy();
    this.#free = [];
  }

  #open(carried: Carried): void {
    this.#connections += 1;
    let connection: UpstreamConnection | null = null;
    const options = {
      timeoutMs: this.#limits.connectTimeoutMs,
      allowHalfOpen: false,
      onBytes: (chunk: Buffer) => connection?.read(chunk),
    };
    openSocket(this.#clock, this.#target, options, (error, socket) => {
      if (error !== null) {
        this.#connections -= 1;
        carried.fail(error);
        this.#next();
        return;
      }
      const owner = {
        onFree: (free: UpstreamConnection) => this.#freed(free),
        onClosed: (closed: UpstreamConnection) => this.#closed(closed),
      };
      connection = new UpstreamConnection(socket, owner, this.#limits);
      if (carried.isAborted) this.#freed(connection);
      else carried.start(connection);
    });
  }

  #freed(connection: UpstreamConnection): void {
    const [waiting] = this.#waiting;
    if (waiting === undefined) {
      connection.freeSinceMs = this.#clock.monotonicMs();
      this.#free.push(connection);
    } else {
      this.#waiting.delete(waiting);
      waiting.start(connection);
    }
  }

  #closed(connection: UpstreamConnection): void {
    this.#connections -= 1;
    const index = this.#free.indexOf(connection);
    if (index !== -1) this.#free.splice(index, 1);
    this.#next();
  }

  #next(): void {
    const [waiting] = this.#waiting;
    if (waiting === undefined || this.#connections >= this.#connectionsMax) return;
    this.#waiting.delete(waiting);
    this.#open(waiting);
  }
}

/** An exchange and where it is: waiting, being connected, or on a connection. */
class Carried implements Passage {
  readonly #exchange: Exchange;
  readonly #forget: (carried: Carried) => void;
  #connection: UpstreamConnection | null = null;
  isAborted = false;

  constructor(exchange: Exchange, forget: (carried: Carried) => void) {
    this.#exchange = exchange;
    this.#forget = forget;
  }

  start(connection: UpstreamConnection): void {
    this.#connection = connection;
    connection.send(this.#exchange);
  }

  fail(error: Error): void {
    if (!this.isAborted) this.#exchange.onError(error);
  }

  abort(): void {
    this.isAborted = true;
    this.#forget(this);
    this.#connection?.abort(this.#exchange);
  }

  resume(): void {
    this.#connection?.resume(this.#exchange);
  }
}

/** All targets. */
export class Upstreams {
  readonly #clock: Clock;
  readonly #limits: Limits;
  readonly #byTarget = new Map<string, Upstream>();
  #cancelSweep: (() => void) | null = null;

  constructor(clock: Clock, limits: Limits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  /** `connectionsMax` counts only when the target is new here. */
  to(target: Target, connectionsMax: number): Upstream {
    const key = target.kind === "unix" ? target.path : `${target.host}:${target.port}`;
    const known = this.#byTarget.get(key);
    if (known !== undefined) return known;
    const upstream = new Upstream(target, connectionsMax, this.#clock, this.#limits);
    this.#byTarget.set(key, upstream);
    this.#sweepLater();
    return upstream;
  }

  close(): void {
    this.#cancelSweep?.();
    for (const upstream of this.#byTarget.values()) upstream.closeFree();
    this.#byTarget.clear();
  }

  #sweepLater(): void {
    if (this.#cancelSweep !== null) return;
    this.#cancelSweep = this.#clock.setTimer(this.#limits.upstreamKeepAliveMs / 2, () => {
      this.#cancelSweep = null;
      const nowMs = this.#clock.monotonicMs();
      for (const [key, upstream] of this.#byTarget) {
        if (upstream.closeIdle(nowMs)) this.#byTarget.delete(key);
      }
      if (this.#byTarget.size > 0) this.#sweepLater();
    });
  }
}
