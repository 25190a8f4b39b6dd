/** A set of keys, one worked on at a time per key; errors wake the key later. */
import type { Clock } from "#ports/clock.ts";
import type { Log } from "#ports/log.ts";

/** When to come back to the key although nobody added it, or null for never. */
export type Wake = { readonly atMs: number } | null;

interface Entry {
  isRunning: boolean;
  /** Added while it ran: run again at once. */
  isDirty: boolean;
  cancelWake: (() => void) | null;
  errors: number;
}

const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 10_000;

export class Reconciler {
  readonly #entries = new Map<string, Entry>();
  readonly #deps: { readonly name: string; readonly clock: Clock; readonly log: Log };
  readonly #reconcile: (key: string) => Promise<Wake>;
  #isStopped = false;

  /** `reconcile` may be called again at any time for the same key, but never twice at once. */
  constructor(
    deps: { readonly name: string; readonly clock: Clock; readonly log: Log },
    reconcile: (key: string) => Promise<Wake>,
  ) {
    this.#deps = deps;
    this.#reconcile = reconcile;
  }

  /** Something may have changed for the key. Cheap, and harmless when nothing has. */
  add(key: string): void {
    if (this.#isStopped) return;
    const entry = this.#entry(key);
    entry.cancelWake?.();
    entry.cancelWake = null;
    if (entry.isRunning) entry.isDirty = true;
    else void this.#run(key, entry);
  }

  stop(): void {
    this.#isStopped = true;
    for (const entry of this.#entries.values()) entry.cancelWake?.();
    this.#entries.clear();
  }

  #entry(key: string): Entry {
    const known = this.#entries.get(key);
    if (known !== undefined) return known;
    const entry: Entry = { isRunning: false, isDirty: false, cancelWake: null, errors: 0 };
    this.#entries.set(key, entry);
    return entry;
  }

  async #run(key: string, entry: Entry): Promise<void> {
    entry.isRunning = true;
    let wake: Wake = null;
    do {
      entry.isDirty = false;
      try {
        wake = await this.#reconcile(key);
        entry.errors = 0;
      } catch (error) {
        wake = this.#failed(key, entry, error);
      }
    } while (entry.isDirty && !this.#isStopped);
    entry.isRunning = false;
    if (this.#isStopped) return;
    if (wake === null) this.#entries.delete(key);
    else this.#sleep(key, entry, wake.atMs);
  }

  #failed(key: string, entry: Entry, error: unknown): Wake {
    const { clock, log, name } = this.#deps;
    entry.errors += 1;
    const delayMs = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** (entry.errors - 1));
    log.error("reconciling failed; it is tried again", { loop: name, key, delayMs, error });
    return { atMs: clock.nowMs() + delayMs };
  }

  #sleep(key: string, entry: Entry, atMs: number): void {
    const delayMs = Math.max(0, atMs - this.#deps.clock.nowMs());
    entry.cancelWake = this.#deps.clock.setTimer(delayMs, () => {
      entry.cancelWake = null;
      if (!entry.isRunning && !this.#isStopped) void this.#run(key, entry);
    });
  }
}
