/** Secrets that nobody has to guess: four words of chance, the same in every run of a seed. */
import type { Prng } from "#base/prng.ts";

const BASE = 36;
const DIGITS = 3;
const PART = BASE ** DIGITS;
/** Every text of three digits: two look-ups are quicker than seven divisions. */
const PARTS: readonly string[] = Array.from({ length: PART }, (_, index) =>
  index.toString(BASE).padStart(DIGITS, "0"),
);

export class PretendSecrets {
  readonly #prng: Prng;

  constructor(prng: Prng) {
    this.#prng = prng;
  }

  next(): string {
    return this.#word() + this.#word() + this.#word() + this.#word();
  }

  /** 32 bits as seven digits. */
  #word(): string {
    const bits = this.#prng.uint32();
    const high = Math.floor(bits / PART);
    const first = Math.floor(high / PART);
    return first.toString(BASE) + (PARTS[high % PART] ?? "") + (PARTS[bits % PART] ?? "");
  }
}
