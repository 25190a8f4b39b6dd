/** Runs canaries, each within its limit, and remembers how they went. */
import { formatDuration } from "#base/units.ts";
import {
  canaryEnded,
  type CanaryFacts,
  canaryHeard,
  NO_CANARIES,
} from "#core/detection/canaries.ts";
import type { Policy } from "#core/policy.ts";
import type { CanaryKind, CanaryOutcome } from "#ports/operator.ts";
import type { OpsPorts } from "./ops-ports.ts";
import { within } from "./time-limit.ts";

export class CanaryRunner {
  readonly #ports: Pick<OpsPorts, "canary" | "clock" | "onChange">;
  readonly #policy: Policy;
  #facts: CanaryFacts = NO_CANARIES;

  constructor(ports: Pick<OpsPorts, "canary" | "clock" | "onChange">, policy: Policy) {
    this.#ports = ports;
    this.#policy = policy;
  }

  get facts(): CanaryFacts {
    return this.#facts;
  }

  async run(kind: CanaryKind, isCurrent: () => boolean): Promise<void> {
    const { canary, clock, onChange } = this.#ports;
    const { buildCanaryTimeoutMs, canaryTimeoutMs } = this.#policy;
    const limitMs = kind === "launch" ? canaryTimeoutMs : buildCanaryTimeoutMs;
    const beganAtMs = clock.monotonicMs();
    let isOver = false;
    const heard = () => {
      if (!isOver && isCurrent()) this.#facts = canaryHeard(this.#facts, kind, clock.nowMs());
    };
    heard();
    const answer = await within(clock, limitMs, () => canary.run(kind, heard));
    isOver = true;
    if (!isCurrent()) return;
    const outcome: CanaryOutcome =
      answer.kind === "value"
        ? answer.value
        : {
            kind,
            isGreen: false,
            durationMs: clock.monotonicMs() - beganAtMs,
            node: null,
            because:
              answer.kind === "silent"
                ? `nothing came within ${formatDuration(limitMs)}`
                : messageOf(answer.error),
          };
    this.#facts = canaryEnded(this.#facts, outcome, clock.nowMs());
    onChange({ kind: "canary", outcome });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
