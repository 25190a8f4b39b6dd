/** Counts a launch without a token against its address, and says in headers what is left. */
import { type Failure, failure } from "#core/errors.ts";
import type { ApiContext } from "../api-context.ts";

export interface RateAnswer {
  readonly headers: Readonly<Record<string, string>>;
  readonly failure: Failure | null;
}

/** Null where there is no limit. */
export function takeRate(
  { rateLimit, clock }: ApiContext,
  clientAddress: string,
): RateAnswer | null {
  if (rateLimit === null) return null;
  const nowMs = clock.nowMs();
  const verdict = rateLimit.take(clientAddress, nowMs);
  const headers = {
    "x-ratelimit-limit": String(verdict.limit),
    "x-ratelimit-remaining": String(verdict.remaining),
    "x-ratelimit-reset": String(Math.ceil(verdict.resetAtMs / 1_000)),
  };
  if (verdict.isAllowed) return { headers, failure: null };
  const retryAfterSeconds = Math.max(1, Math.ceil((verdict.resetAtMs - nowMs) / 1_000));
  const message = `Rate limit exceeded. Try again in ${retryAfterSeconds} seconds.`;
  return { headers, failure: failure("rate-limited", message, { retryAfterSeconds }) };
}
