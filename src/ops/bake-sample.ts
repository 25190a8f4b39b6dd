/** What a look at production says to the judge of a release. */
import type { OperatorStatus } from "#core/operations/status.ts";
import type { BakeSample } from "#core/release/judge-bake.ts";
import type { ComponentObservation } from "#ports/components.ts";

export function bakeSampleOf(
  { launches, culler, sinceMs }: OperatorStatus,
  components: readonly ComponentObservation[],
  nowMs: number,
): BakeSample {
  return {
    atMs: nowMs,
    sinceMs,
    launches: launches.asked,
    ready: launches.ready,
    readyFirstTry: launches.readyFirstTry,
    failedByPlatform: launches.failedByPlatform,
    stops: culler.asked,
    stopsRefused: culler.refused,
    parts: components
      .filter(({ role }) => role === "control")
      .map(({ name, startedAtMs, memoryBytes, handles, loopLagMs }) => ({
        name,
        startedAtMs,
        memoryBytes,
        handles,
        loopLagMs,
      })),
  };
}
