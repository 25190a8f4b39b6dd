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

  async #get(who: string | null): Promise<VersionedLease | null> {
    await this.#travel(who);
    return this.#lease;
  }

  async #update(
    record: LeaseRecord,
    version: string | null,
    who: string | null,
  ): Promise<string | null> {
    await this.#travel(who);
    if ((this.#lease?.version ?? null) !== version) return null;
    this.#writes += 1;
    this.#lease = { record, version: String(this.#writes) };
    const written = this.#lease.version;
    await this.#travel(who);
    return written;
  }

  async #travel(who: string | null): Promise<void> {
    const isCutOff = this.#isDown || (who !== null && this.#cutOff.has(who));
    await this.#clock.sleep(isCutOff ? CUT_OFF_MS : this.#prng.jitter(LATENCY_MS, 0.5));
    if (isCutOff) throw new AppError("internal", "the lease cannot be reached");
  }
}
