/** The cluster's API: what freezes, refuses, lags or lies there does so for everybody who asks. */
import type { Prng } from "#base/prng.ts";
import { AppError } from "#core/errors.ts";
import type { WorldContext } from "./context.ts";

export interface QuotaObject {
  readonly name: string;
  hard: number;
  /** What its status says; null while it counts right. */
  frozenUsed: number | null;
  refusals: number;
}

export class ApiServer {
  readonly #context: WorldContext;
  #refusesUntilMs = 0;
  #refusedShare = 1;
  readonly #prng: Prng;
  #lagMs = 0;
  /** Watches are open and say nothing. */
  isWatchFrozen = false;
  /** When the watch said something last. */
  lastWatchEventMs = 0;
  readonly quota: QuotaObject = {
    name: "pods",
    hard: Number.POSITIVE_INFINITY,
    frozenUsed: null,
    refusals: 0,
  };
  readonly #listeners = new Set<(id: string) => void>();
  /** Something about a session has changed, whether anybody is told or not. */
  changed: (id: string) => void = () => undefined;

  constructor(context: WorldContext) {
    this.#context = context;
    this.#prng = context.prng.fork("api-server");
  }

  /** Refuses connections for a while: this share of them. */
  refuse(forMs: number, share: number): void {
    this.#refusesUntilMs = this.#context.clock.nowMs() + forMs;
    this.#refusedShare = share;
  }

  setLag(lagMs: number): void {
    this.#lagMs = lagMs;
  }

  get isRefusing(): boolean {
    if (this.#context.clock.nowMs() >= this.#refusesUntilMs) return false;
    return this.#refusedShare >= 1 || this.#prng.fraction() < this.#refusedShare;
  }

  /** Until then it refuses some or all. */
  get refusedUntilMs(): number {
    return this.#refusesUntilMs;
  }

  /** It refuses every connection. */
  get isDown(): boolean {
    return this.#refusedShare >= 1 && this.#context.clock.nowMs() < this.#refusesUntilMs;
  }

  /** One call of somebody: late or refused as the API is now. */
  call<T>(work: () => T): Promise<T> {
    if (this.isRefusing) return Promise.reject(refused());
    if (this.#lagMs > 0) return this.#context.clock.sleep(this.#lagMs).then(work);
    return new Promise((resolve) => {
      resolve(work());
    });
  }

  /** A pod is about to be created; `pods` is what a count would say. */
  checkQuota(pods: number): void {
    const { quota } = this;
    const used = quota.frozenUsed ?? pods;
    if (used < quota.hard) return;
    quota.refusals += 1;
    throw new AppError(
      "cluster-refused",
      `403: exceeded quota ${quota.name}, used ${used} of ${quota.hard}`,
    );
  }

  onWatch(listener: (id: string) => void): () => void {
    this.#listeners.add(listener);
    // A watch that is opened anew is a new one: it is not frozen.
    this.isWatchFrozen = false;
    return () => void this.#listeners.delete(listener);
  }

  /** Something about a session has changed: the watches say so, unless they are frozen. */
  tell(id: string): void {
    this.changed(id);
    // An open watch is no new connection.
    if (this.isWatchFrozen || this.isDown) return;
    this.lastWatchEventMs = this.#context.clock.nowMs();
    for (const listener of this.#listeners) listener(id);
  }
}

function refused(): Error {
  const refusal = new Error("connect ECONNREFUSED: the cluster's API does not answer");
  return Object.assign(refusal, { code: "ECONNREFUSED" });
}
