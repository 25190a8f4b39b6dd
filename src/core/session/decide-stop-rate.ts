/** How fast sessions are stopped: slower when many stops are refused, so that nobody is flooded. */
import type { Policy } from "../policy.ts";

export interface StopCounts {
  readonly asked: number;
  readonly refused: number;
}

export interface StopRate {
  readonly perSecondMax: number;
  /** Many are refused: something is wrong with what is asked, or with who answers. */
  readonly isTripped: boolean;
}

/** Fewer may be a few calls that hung together. */
const REFUSED_MIN = 10;
const REFUSED_SHARE_MAX = 0.1;
const TRIPPED_PER_SECOND = 1;

/** `counts` are those of about the last minute. */
export function decideStopRate(
  { asked, refused }: StopCounts,
  { cullStopsPerSecondMax }: Pick<Policy, "cullStopsPerSecondMax">,
): StopRate {
  const isTripped = refused >= REFUSED_MIN && refused / asked > REFUSED_SHARE_MAX;
  const perSecondMax = isTripped
    ? Math.min(TRIPPED_PER_SECOND, cullStopsPerSecondMax)
    : cullStopsPerSecondMax;
  return { perSecondMax, isTripped };
}
