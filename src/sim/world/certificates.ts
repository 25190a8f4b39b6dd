/** Pretend certificates: an authority that renews, refuses, or writes letters that mean nothing. */
import { HOUR_MS, SECOND_MS } from "#base/units.ts";
import type { Prng } from "#base/prng.ts";
import { AppError } from "#core/errors.ts";
import type { Certificates } from "#ports/platform.ts";
import type { WorldContext } from "./context.ts";

const LIFETIME_MS = 90 * 24 * HOUR_MS;
const RENEWAL_MS = 20 * SECOND_MS;

export class PretendCertificates implements Certificates {
  readonly #clock: WorldContext["clock"];
  readonly #prng: Prng;
  readonly #notAfterMs = new Map<string, number>();
  readonly #refused = new Map<string, string>();
  /** Letters of the authority about accounts: nobody should act on them. */
  letters = 0;

  constructor(
    { clock, prng }: Pick<WorldContext, "clock" | "prng">,
    hosts: readonly { readonly host: string; readonly validForMs: number }[],
  ) {
    this.#clock = clock;
    this.#prng = prng.fork("certificates");
    const nowMs = clock.nowMs();
    for (const { host, validForMs } of hosts) this.#notAfterMs.set(host, nowMs + validForMs);
  }

  /** From now on renewals of this host fail. */
  failRenewals(host: string, because = "the challenge was not answered"): void {
    this.#refused.set(host, because);
  }

  healRenewals(host: string): void {
    this.#refused.delete(host);
  }

  /** The old account's certificate ends; what is served stays valid. */
  rotateAccount(): void {
    this.letters += 1;
  }

  async served(): Promise<readonly { readonly host: string; readonly notAfterMs: number }[]> {
    await this.#clock.sleep(this.#prng.jitter(SECOND_MS, 0.5));
    return [...this.#notAfterMs].map(([host, notAfterMs]) => ({ host, notAfterMs }));
  }

  async renew(host: string): Promise<void> {
    await this.#clock.sleep(this.#prng.jitter(RENEWAL_MS, 0.5));
    const because = this.#refused.get(host);
    if (because !== undefined)
      throw new AppError("certificate-refused", `the authority refuses ${host}: ${because}`);
    this.#notAfterMs.set(host, this.#clock.nowMs() + LIFETIME_MS);
  }
}
