/** The loops that run canaries: they begin later than the rest, or when a canary is wanted before. */
import type { Loops } from "#base/loops.ts";
import { MINUTE_MS } from "#base/units.ts";
import type { Policy } from "#core/policy.ts";
import type { Clock } from "#ports/clock.ts";
import type { CanaryKind } from "#ports/operator.ts";
import type { CanaryRunner } from "./canary-runner.ts";

export interface CanaryLoop {
  /** What has just been started is not judged yet. */
  startLater(): void;
  /** A canary now; none where there are none. */
  hurry(): void;
  stop(): void;
}

export function createCanaryLoops(
  loops: Loops,
  runner: CanaryRunner,
  { clock }: { readonly clock: Clock },
  policy: Policy,
): Readonly<Record<CanaryKind, CanaryLoop>> {
  const { buildCanaryIntervalMs, buildCanaryTimeoutMs, canaryIntervalMs, canaryTimeoutMs } = policy;
  const loopOf = (kind: CanaryKind, name: string, intervalMs: number, limitMs: number) => {
    let cancelFirst: (() => void) | null = null;
    const begin = () => {
      cancelFirst?.();
      cancelFirst = null;
      loops.start({
        name,
        intervalMs,
        leaseMs: limitMs + MINUTE_MS,
        round: (isCurrent) => runner.run(kind, isCurrent),
      });
    };
    return {
      startLater: () => {
        if (intervalMs > 0) cancelFirst = clock.setTimer(intervalMs, begin);
      },
      hurry: () => {
        if (cancelFirst === null) loops.hurry(name);
        else begin();
      },
      stop: () => cancelFirst?.(),
    };
  };
  return {
    launch: loopOf("launch", "canaries", canaryIntervalMs, canaryTimeoutMs),
    build: loopOf("build", "build-canaries", buildCanaryIntervalMs, buildCanaryTimeoutMs),
  };
}
