/** What is counted of launches, kept up to date so that asking costs nothing. */
import { SECOND_MS } from "#base/units.ts";
import type { LaunchId, LaunchView, LaunchWish } from "#core/launch/launch.ts";
import type { LaunchCounts } from "#core/operations/status.ts";

/** Whoever is told nothing for longer was not served well, whatever comes of it. */
const SILENCE_MAX_MS = 60 * SECOND_MS;

/** Canaries and builds without a session are left out: these are people who want a session. */
export class LaunchTally {
  #asked = 0;
  #ready = 0;
  #readyFirstTry = 0;
  #failedByPlatform = 0;
  #failedOtherwise = 0;
  #refused = 0;
  readonly #perClient = new Map<string, number>();
  /** Launches with a seat by their last event, the most silent first. */
  readonly #heardAtMs = new Map<LaunchId, number>();
  /** Launches that have a seat and were silent for too long. */
  readonly #wereSilent = new Set<LaunchId>();

  pendingOf(client: string | null): number {
    return client === null ? 0 : (this.#perClient.get(client) ?? 0);
  }

  accepted(wish: LaunchWish): void {
    if (isCounted(wish)) this.#asked += 1;
    this.#count(wish.clientAddress, 1);
  }

  refused(wish: LaunchWish): void {
    if (!isCounted(wish)) return;
    this.#asked += 1;
    this.#refused += 1;
  }

  ended(wish: LaunchWish, { attempts, endedAtMs, failure }: LaunchView): void {
    this.#count(wish.clientAddress, -1);
    this.heard(wish.id, endedAtMs ?? 0);
    this.#heardAtMs.delete(wish.id);
    const wasSilent = this.#wereSilent.delete(wish.id);
    if (!isCounted(wish)) return;
    if (failure === null) {
      this.#ready += 1;
      if (attempts <= 1 && !wasSilent) this.#readyFirstTry += 1;
    } else if (failure.fault === "platform") this.#failedByPlatform += 1;
    else this.#failedOtherwise += 1;
  }

  /** The launch has a seat and its person was just told something. */
  heard(id: LaunchId, nowMs: number): void {
    const silentMs = nowMs - (this.#heardAtMs.get(id) ?? nowMs);
    if (silentMs > SILENCE_MAX_MS) this.#wereSilent.add(id);
    this.#heardAtMs.delete(id);
    this.#heardAtMs.set(id, nowMs);
  }

  counts(): LaunchCounts {
    return {
      asked: this.#asked,
      ready: this.#ready,
      readyFirstTry: this.#readyFirstTry,
      failedByPlatform: this.#failedByPlatform,
      failedOtherwise: this.#failedOtherwise,
      refused: this.#refused,
    };
  }

  longestSilenceMs(nowMs: number): number {
    const [first] = this.#heardAtMs.values();
    return first === undefined ? 0 : Math.max(0, nowMs - first);
  }

  #count(client: string | null, by: number): void {
    if (client === null) return;
    const count = (this.#perClient.get(client) ?? 0) + by;
    if (count === 0) this.#perClient.delete(client);
    else this.#perClient.set(client, count);
  }
}

function isCounted({ buildOnly, isCanary }: LaunchWish): boolean {
  return !buildOnly && !isCanary;
}
