/** Randomness: `Random` for jitter and order, `Secrets` for ids and tokens. */

export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
}

export interface Secrets {
  /** Lower-case letters and digits, at least 128 random bits: fit for a path or a file name. */
  id(): string;
  /** URL-safe, at least 128 random bits. */
  token(): string;
}
