/** Builds that failed, as long as it matters: which host was to blame, which limit, and what is left alone. */
import { MINUTE_MS } from "#base/units.ts";
import type { MemoryFailure } from "#core/build/build-findings.ts";
import { addFailure } from "#core/build/recent-failures.ts";
import { failuresByHost, type UpstreamFailure } from "#core/build/upstream-failures.ts";
import type { Failure } from "#core/errors.ts";
import type { Clock } from "#ports/clock.ts";

/** What failed in the background is not tried again before. */
const BACKGROUND_RETRY_MS = 10 * MINUTE_MS;
const BACKGROUND_FAILURES_KEPT = 1_000;

export class BuildFailures {
  readonly #clock: Clock;
  /** Keys that failed in the background, and until when they are left alone. */
  readonly #leftAlone = new Map<string, number>();
  #upstream: readonly UpstreamFailure[] = [];
  #outOfMemory: readonly MemoryFailure[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  note({ code, detail }: Failure, repoKey: string): void {
    const atMs = this.#clock.nowMs();
    if (detail?.host !== undefined) {
      this.#upstream = addFailure(this.#upstream, { atMs, host: detail.host, repoKey });
    }
    if (code === "build-out-of-memory") {
      this.#outOfMemory = addFailure(this.#outOfMemory, { atMs, repoKey });
    }
  }

  leaveAlone(key: string): void {
    this.#leftAlone.set(key, this.#clock.nowMs() + BACKGROUND_RETRY_MS);
    const [oldest] = this.#leftAlone.keys();
    if (this.#leftAlone.size > BACKGROUND_FAILURES_KEPT && oldest !== undefined) {
      this.#leftAlone.delete(oldest);
    }
  }

  isLeftAlone(key: string): boolean {
    return (this.#leftAlone.get(key) ?? 0) > this.#clock.nowMs();
  }

  /** By the fault of a host: host → different repositories of the last minutes. */
  byHost(): Readonly<Record<string, number>> {
    return failuresByHost(this.#upstream, this.#clock.nowMs());
  }

  /** Ended by their own limit. */
  get outOfMemory(): readonly MemoryFailure[] {
    return this.#outOfMemory;
  }
}
