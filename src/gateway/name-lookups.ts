/** Names looked up for one sandbox: one question a name at a time, few at once, and the others wait. */
import type { DestinationRules } from "./egress-destination.ts";

interface LookupLimits {
  /** Names that are looked up at the same time. */
  readonly resolvesMax: number;
  /** Names that wait for that; more have no addresses. */
  readonly waitingMax: number;
}

/** A package manager opens fifty connections to one host in the same moment. */
export class NameLookups {
  readonly #resolve: DestinationRules["resolve"];
  readonly #limits: LookupLimits;
  readonly #underWay = new Map<string, Promise<readonly string[]>>();
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(resolve: DestinationRules["resolve"], limits: LookupLimits) {
    this.#resolve = resolve;
    this.#limits = limits;
  }

  addressesOf(host: string): Promise<readonly string[]> {
    const known = this.#underWay.get(host);
    if (known !== undefined) return known;
    const asked = this.#ask(host).finally(() => this.#underWay.delete(host));
    this.#underWay.set(host, asked);
    return asked;
  }

  async #ask(host: string): Promise<readonly string[]> {
    if (this.#running < this.#limits.resolvesMax) this.#running += 1;
    else if (this.#waiting.length >= this.#limits.waitingMax) return [];
    // Whoever is called has the place of the one who went.
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await this.#resolve(host);
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}
