/** What decisions about starts rest on. */
import type { Policy } from "../policy.ts";
import type { LaunchObserved, LaunchState, Try } from "./launch-stage.ts";
import type { StepLimits } from "./look-at-try.ts";

export type StartPolicy = StepLimits &
  Pick<
    Policy,
    "launchAttemptsMax" | "launchHedgeMs" | "launchLookMs" | "probeIntervalMs" | "probeTimeoutMs"
  >;

export interface StartContext {
  readonly state: LaunchState;
  readonly observed: LaunchObserved;
  readonly policy: StartPolicy;
  readonly nowMs: number;
}

/** A start that is this much slower than nearly all good ones lately is taken for stuck. */
const STUCK_FACTOR = 2;
/** When a silent server gets a rival. */
export function hedgeAtMs(
  { observed, policy, state }: StartContext,
  { step, sinceMs }: Try,
): number {
  const isOff = policy.launchHedgeMs <= 0 || state.tried.starts >= policy.launchAttemptsMax;
  if (isOff || step !== "starting") return Number.POSITIVE_INFINITY;
  return sinceMs + Math.max(policy.launchHedgeMs, STUCK_FACTOR * (observed.startP95Ms ?? 0));
}
