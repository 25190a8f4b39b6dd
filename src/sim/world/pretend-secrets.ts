/** Secrets that nobody has to guess: four words of chance, the same in every run of a seed. */
import type { Prng } from "#base/prng.ts";

const DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz";
const WORDS = 4;
/** 32 bits have so many digits at most. */
const WORD_DIGITS = 7;

export class PretendSecrets {
  readonly #prng: Prng;
  readonly #codes = Array.from({ length: WORDS * WORD_DIGITS }, () => 0);

  constructor(prng: Prng) {
    this.#prng = prng;
  }

  /** Written digit by digit into one text: each launch takes two of them. */
  next(): string {
    for (let word = 1; word <= WORDS; word += 1) {
      let bits = this.#prng.uint32();
      for (let digit = 1; digit <= WORD_DIGITS; digit += 1) {
        this.#codes[word * WORD_DIGITS - digit] = DIGITS.charCodeAt(bits % DIGITS.length);
        bits = Math.floor(bits / DIGITS.length);
      }
    }
    return String.fromCharCode(...this.#codes);
  }
}
