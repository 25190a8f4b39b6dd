/** Ids and tokens, from a source that nobody can guess. */

export interface Secrets {
  /** Lower-case letters and digits, at least 128 random bits: fit for a path or a file name. */
  id(): string;
  /** URL-safe, at least 128 random bits. */
  token(): string;
}
