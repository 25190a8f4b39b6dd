/** A pretend fellow cluster: seats, a release, a quota, and the ways in which it can fail. */
import { MINUTE_MS, SECOND_MS } from "#base/units.ts";
import type { Prng } from "#base/prng.ts";
import { AppError } from "#core/errors.ts";
import type { DoorWish, MemberAnswer, QuotaObservation, Quotas } from "#ports/platform.ts";
import type { WorldContext } from "./context.ts";

/** A member as the world of members moves it; the cluster of this world has one of its own. */
export interface MemberCluster {
  readonly name: string;
  /** It has no seat for one more. */
  readonly isFull: () => boolean;
  readonly launch: (wish: DoorWish) => Promise<MemberAnswer>;
  readonly canary: () => Promise<MemberAnswer>;
}

export interface PretendMemberSpec {
  readonly name: string;
  readonly seats: number;
  readonly running: number;
  readonly startMs: number;
  readonly stayMeanMs: number;
}

/** What the provider's own count says when it stands still. */
const GHOST_HARD = 15_000;
const REFUSAL_MS = 300;
const RECOUNT_MS = 5 * SECOND_MS;
/** The provider makes its object again within this time, and counts right. */
const SHORT_MS = 1 * MINUTE_MS;

export class PretendMember implements MemberCluster {
  readonly name: string;
  readonly #clock: WorldContext["clock"];
  readonly #prng: Prng;
  readonly #spec: PretendMemberSpec;
  #used: number;
  #isQuotaFrozen = false;
  #refusals = 0;
  repairs = 0;

  constructor({ clock, prng }: Pick<WorldContext, "clock" | "prng">, spec: PretendMemberSpec) {
    this.name = spec.name;
    this.#clock = clock;
    this.#prng = prng.fork(`member-${spec.name}`);
    this.#spec = spec;
    this.#used = spec.running;
    for (let n = 0; n < spec.running; n += 1) this.#leaveLater();
  }

  get used(): number {
    return this.#used;
  }

  isFull = (): boolean => this.#used >= this.#spec.seats;

  launch = async (): Promise<MemberAnswer> => {
    if (this.#isQuotaFrozen) return this.#refuse();
    if (this.isFull()) return { kind: "full" };
    this.#used += 1;
    await this.#clock.sleep(this.#prng.jitter(this.#spec.startMs, 0.4));
    this.#leaveLater();
    return { kind: "ready", url: `https://${this.name}.example/user/` };
  };

  canary = async (): Promise<MemberAnswer> => {
    if (this.#isQuotaFrozen) return this.#refuse();
    await this.#clock.sleep(this.#prng.jitter(this.#spec.startMs, 0.4));
    return { kind: "ready", url: `https://${this.name}.example/user/` };
  };

  /** Every creation is refused from now on, whatever really runs. */
  freezeQuota(): void {
    this.#isQuotaFrozen = true;
  }

  readonly quotas: Quotas = {
    list: async () => {
      const refusals = this.#refusals;
      this.#refusals = 0;
      const used = this.#isQuotaFrozen ? GHOST_HARD : this.#used;
      const name = `${this.name}/pods`;
      const seen: QuotaObservation = { name, used, hard: GHOST_HARD, listed: this.#used, refusals };
      return [seen];
    },
    repair: async (name) => {
      if (name !== `${this.name}/pods`) throw new AppError("internal", `there is no quota ${name}`);
      this.repairs += 1;
      await this.#clock.sleep(this.#prng.jitter(RECOUNT_MS, 0.5));
      const leftMs = this.#prng.fraction() * SHORT_MS;
      this.#clock.setTimer(leftMs, () => void (this.#isQuotaFrozen = false));
    },
  };

  async #refuse(): Promise<MemberAnswer> {
    await this.#clock.sleep(this.#prng.jitter(REFUSAL_MS, 0.3));
    this.#refusals += 1;
    const because = `pods is forbidden: exceeded quota, used: pods=${GHOST_HARD}, limited: pods=${GHOST_HARD}`;
    return { kind: "failed", code: "internal", isPlatformFault: true, because };
  }

  #leaveLater(): void {
    const stayMs = this.#prng.exponential(this.#spec.stayMeanMs);
    this.#clock.setTimer(stayMs, () => void (this.#used -= 1));
  }
}
