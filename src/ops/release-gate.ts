/** The gate before production: launches on staging, followed to their sessions' own URLs. */
import { formatDuration } from "#base/units.ts";
import { failureOf } from "#core/errors.ts";
import type { Policy } from "#core/policy.ts";
import type { GateCanary } from "#core/release/release.ts";
import type { Clock } from "#ports/clock.ts";
import type { StagingGate } from "#ports/platform.ts";

interface GateDeps {
  readonly gate: StagingGate;
  readonly clock: Clock;
  readonly policy: Policy;
}

/** Ends at the first that fails. Rejects when a canary could not be begun for a fault of the moment. */
export async function runGate(
  wanted: { readonly cached: number; readonly cold: number },
  deps: GateDeps,
): Promise<readonly GateCanary[]> {
  const kinds = interleaved(wanted.cached, wanted.cold);
  const results: GateCanary[] = [];
  const abort = new AbortController();
  const lane = async (): Promise<void> => {
    for (let kind = kinds.shift(); kind !== undefined; kind = kinds.shift()) {
      const result = await runOne(kind, abort.signal, deps);
      results.push(result);
      if (result.hasReached && !result.wasToldTooEarly) continue;
      throw new GateStopped();
    }
  };
  try {
    await Promise.all(
      Array.from({ length: Math.max(1, deps.policy.releaseGateParallel) }, () => lane()),
    );
  } catch (error) {
    kinds.length = 0;
    abort.abort();
    if (!(error instanceof GateStopped)) throw error;
  }
  return results;
}

class GateStopped extends Error {}

/** Both kinds from the beginning: whichever is broken shows soon. */
function interleaved(cached: number, cold: number): GateCanary["kind"][] {
  const kinds: GateCanary["kind"][] = [];
  for (let n = 0; n < Math.max(cached, cold); n += 1) {
    if (n < cold) kinds.push("cold");
    if (n < cached) kinds.push("cached");
  }
  return kinds;
}

function runOne(
  kind: GateCanary["kind"],
  signal: AbortSignal,
  { gate, clock, policy }: GateDeps,
): Promise<GateCanary> {
  const limitMs = policy.releaseGateCanaryTimeoutMs;
  const failed = (because: string): GateCanary => ({
    kind,
    hasReached: false,
    wasToldTooEarly: false,
    because,
  });
  return new Promise((resolve, reject) => {
    const cancel = clock.setTimer(limitMs, () =>
      resolve(failed(`no answer within ${formatDuration(limitMs)}`)),
    );
    gate.canary(kind, signal).then(
      (canary) => {
        cancel();
        resolve(canary);
      },
      (error: unknown) => {
        cancel();
        const { message, retriable } = failureOf(error);
        if (retriable) reject(error instanceof Error ? error : new Error(message));
        else resolve(failed(message));
      },
    );
  });
}
