/** A pretend object of the cluster's API that one writer at a time can change. */
import { SECOND_MS } from "#base/units.ts";
import type { Prng } from "#base/prng.ts";
import type { LeaseRecord } from "#core/leadership/lease.ts";
import { AppError } from "#core/errors.ts";
import type { LeaseStore, VersionedLease } from "#ports/lease.ts";
import type { WorldContext } from "./context.ts";

const LATENCY_MS = 20;
/** How long somebody who is cut off waits before it knows. */
const CUT_OFF_MS = 3 * SECOND_MS;

export class PretendLeaseStore implements LeaseStore {
  readonly #clock: WorldContext["clock"];
  readonly #prng: Prng;
  #lease: VersionedLease | null = null;
  #writes = 0;
  #isDown = false;
  readonly #cutOff = new Set<string>();

  constructor({ clock, prng }: Pick<WorldContext, "clock" | "prng">) {
    this.#clock = clock;
    this.#prng = prng.fork("leases");
  }

  /** Nobody can read or write it. */
  setDown(isDown: boolean): void {
    this.#isDown = isDown;
  }

  /** One process cannot reach it; the others can. */
  cutOff(who: string, isCutOff: boolean): void {
    if (isCutOff) this.#cutOff.add(who);
    else this.#cutOff.delete(who);
  }

  /** The store as one process reaches it. */
  as(who: string): LeaseStore {
    return {
      get: () => this.#get(who),
      update: (record, version) => this.#update(record, version, who),
    };
  }

  get(): Promise<VersionedLease | null> {
    return this.#get(null);
  }

  update(record: LeaseRecord, version: string | null): Promise<string | null> {
    return this.#update(record, version, record.holder);
  }

  #get(who: string | null): Promise<VersionedLease | null> {
    // What is read takes no time of its own: a write after it may come too late all the same.
    return this.#isOutOfReach(who)
      ? this.#travel(who, () => this.#lease)
      : Promise.resolve(this.#lease);
  }

  async #update(
    record: LeaseRecord,
    version: string | null,
    who: string | null,
  ): Promise<string | null> {
    const written = await this.#travel(who, () => {
      if ((this.#lease?.version ?? null) !== version) return null;
      this.#writes += 1;
      this.#lease = { record, version: String(this.#writes) };
      return this.#lease.version;
    });
    // What was written may be so without its writer's knowing.
    return written === null ? null : this.#travel(who, () => written);
  }

  #isOutOfReach(who: string | null): boolean {
    return this.#isDown || (who !== null && this.#cutOff.has(who));
  }

  /** One way, and what happens at its end. */
  #travel<T>(who: string | null, arrive: () => T): Promise<T> {
    const isCutOff = this.#isOutOfReach(who);
    return new Promise((resolve, reject) => {
      const delayMs = isCutOff ? CUT_OFF_MS : this.#prng.jitter(LATENCY_MS, 0.5);
      this.#clock.setTimer(delayMs, () => {
        if (isCutOff) reject(new AppError("internal", "the lease cannot be reached"));
        else resolve(arrive());
      });
    });
  }
}
