/** Every limit of the filtered way out, by name, with its default. */
import { KIB, MINUTE_MS, SECOND_MS } from "#base/units.ts";

export const DEFAULT_EGRESS_LIMITS = {
  /** Of one session at the same time. */
  connectionsMax: 256,
  headerBytesMax: 32 * KIB,
  headersTimeoutMs: 15 * SECOND_MS,
  resolveTimeoutMs: 10 * SECOND_MS,
  /** Names of one session being looked up at the same time; further ones wait. */
  resolvesMax: 8,
  connectTimeoutMs: 10 * SECOND_MS,
  /** Addresses of one name that are tried. */
  addressesMax: 4,
  /** A connection on which nothing moves. */
  idleMs: 10 * MINUTE_MS,
};

export type EgressLimits = Readonly<typeof DEFAULT_EGRESS_LIMITS>;
