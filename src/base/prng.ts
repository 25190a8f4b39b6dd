/** Repeatable randomness: one seed gives one sequence, and each consumer draws from its own fork. */

/** sfc32 by Chris Doty-Humphrey (PractRand): 128 bits of state, quick, and good enough to simulate with. */
export class Prng {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;
  readonly #seed: string;

  constructor(seed: string) {
    this.#seed = seed;
    [this.#a, this.#b, this.#c] = hashOf(seed);
    for (let n = 0; n < 12; n += 1) this.uint32();
  }

  /** An independent sequence: what one consumer draws changes nothing for another. */
  fork(label: string): Prng {
    return new Prng(`${this.#seed}/${label}`);
  }

  uint32(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    this.#c |= 0;
    return sum >>> 0;
  }

  /** At least 0, less than 1. */
  fraction(): number {
    return this.uint32() / 0x1_0000_0000;
  }

  /** A whole number, at least `from` and less than `to`. */
  integer(from: number, to: number): number {
    return from + Math.floor(this.fraction() * (to - from));
  }

  /** `value` give or take `share` of it. */
  jitter(value: number, share: number): number {
    return value * (1 + share * (2 * this.fraction() - 1));
  }

  /** Of the exponential distribution with this mean. */
  exponential(mean: number): number {
    return -Math.log(1 - this.fraction()) * mean;
  }

  pick<T>(from: readonly [T, ...T[]] | readonly T[]): T {
    const picked = from[this.integer(0, from.length)];
    if (picked === undefined) throw new Error("nothing to pick from");
    return picked;
  }
}

/** Three words of a string (FNV-1a with three offsets): the state that a seed stands for. */
function hashOf(text: string): [number, number, number] {
  const words: [number, number, number] = [0x811c9dc5, 0x9747b28c, 0x3c6ef372];
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    words[0] = Math.imul(words[0] ^ code, 0x01000193);
    words[1] = Math.imul(words[1] ^ code, 0x85ebca6b) ^ (words[1] >>> 13);
    words[2] = Math.imul(words[2] ^ code, 0xc2b2ae35) ^ (words[2] >>> 16);
  }
  return words;
}
