/** How long a launch may take: where it has to wait for a build, at least as long as that may. */
import { MINUTE_MS } from "#base/units.ts";
import type { Policy } from "../policy.ts";
import type { LaunchState } from "./launch-stage.ts";

export type LimitPolicy = Pick<Policy, "buildTimeoutMs" | "launchTimeoutMs">;

/** For a slot before the build, and for the server after it. */
const BESIDE_BUILD_MS = 15 * MINUTE_MS;

export function launchLimitMs(
  { stage, tried }: Pick<LaunchState, "stage" | "tried">,
  policy: LimitPolicy,
): number {
  const hasBuild = stage.kind === "building" || tried.hasBuilt;
  return hasBuild ? launchLimitMaxMs(policy) : policy.launchTimeoutMs;
}

/** Of every launch. */
export function launchLimitMaxMs({ buildTimeoutMs, launchTimeoutMs }: LimitPolicy): number {
  return Math.max(launchTimeoutMs, buildTimeoutMs + BESIDE_BUILD_MS);
}
