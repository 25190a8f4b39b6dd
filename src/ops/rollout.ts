/** Takes releases of Bindery itself to production, watches them there, and takes bad ones back. */
import { formatDuration } from "#base/units.ts";
import { failureOf } from "#core/errors.ts";
import type { Finding } from "#core/incident/finding.ts";
import type { AuditRecord, CommandOutcome, OperatorCommand } from "#core/operations/command.ts";
import type { OperatorStatus } from "#core/operations/status.ts";
import type { Policy } from "#core/policy.ts";
import { decideRollout } from "#core/release/decide-rollout.ts";
import { BAKE_BEFORE_MS, BAKE_SAMPLE_MS, type BakeSample } from "#core/release/judge-bake.ts";
import { rollBackRelease, submitRelease, type ReleaseOrder } from "#core/release/order-release.ts";
import { releaseFindings } from "#core/release/release-findings.ts";
import {
  NO_RELEASES,
  type ReleaseStage,
  type ReleaseState,
  type RolloutStep,
  type StepResult,
} from "#core/release/release.ts";
import type { ReleaseHold } from "#core/release/shedding.ts";
import type { Clock } from "#ports/clock.ts";
import type { Components } from "#ports/components.ts";
import type { Log } from "#ports/log.ts";
import type { ReleaseDesk, ReleaseTarget, StagingGate } from "#ports/platform.ts";
import { bakeSampleOf } from "./bake-sample.ts";
import type { OpsPart } from "./ops-ports.ts";
import { runGate } from "./release-gate.ts";

export interface RolloutDeps {
  readonly target: ReleaseTarget;
  readonly gate: StagingGate;
  readonly components: Components;
  readonly status: () => Promise<OperatorStatus>;
  /** An incident keeps people waiting or turns them away. */
  readonly hold: () => ReleaseHold;
  readonly audit: (record: AuditRecord) => void;
  readonly onChange?: (state: ReleaseState) => void;
  readonly clock: Clock;
  readonly log: Log;
  readonly policy: Policy;
}

export const ROLLOUT_INTERVAL_MS = 5_000;
const READS_MAX = 3;

export class Rollouts implements ReleaseDesk, OpsPart {
  readonly #deps: RolloutDeps;
  #state: ReleaseState = NO_RELEASES;
  #samples: BakeSample[] = [];
  #sampledAtMs = Number.NEGATIVE_INFINITY;

  constructor(deps: RolloutDeps) {
    this.#deps = deps;
  }

  get state(): ReleaseState {
    return this.#state;
  }

  submit(release: string, isEmergency: boolean): CommandOutcome {
    const nowMs = this.#deps.clock.nowMs();
    return this.#order(submitRelease(this.#state, release, isEmergency, nowMs));
  }

  rollBack(stage: ReleaseStage, because: string): CommandOutcome {
    const nowMs = this.#deps.clock.nowMs();
    return this.#order(rollBackRelease(this.#state, stage, because, nowMs));
  }

  async findings(nowMs: number): Promise<readonly Finding[]> {
    return releaseFindings(this.#state, this.#deps.policy, nowMs);
  }

  execute(command: OperatorCommand): Promise<CommandOutcome> | null {
    if (command.kind === "submit-release")
      return Promise.resolve(this.submit(command.release, command.isEmergency === true));
    if (command.kind === "rollback-release")
      return Promise.resolve(this.rollBack(command.stage, "by command"));
    return null;
  }

  /** Waits for nothing: a control plane that hangs must not keep its own release from going back. */
  async round(): Promise<void> {
    const { clock } = this.#deps;
    const isIdle = this.#state.current === null && this.#state.queue.length === 0;
    if (isIdle) {
      this.#samples = [];
      return;
    }
    if (clock.monotonicMs() - this.#sampledAtMs >= BAKE_SAMPLE_MS) void this.#sample();
    this.#decide(null);
  }

  #order({ next, outcome }: ReleaseOrder): CommandOutcome {
    this.#state = next;
    this.#decide(null);
    return outcome;
  }

  #decide(result: StepResult | null): void {
    const { clock, hold, log, policy } = this.#deps;
    const before = this.#state;
    const observed = { result, hold: hold(), samples: this.#samples };
    const { next, step } = decideRollout(before, observed, policy, clock.nowMs());
    this.#state = next;
    const ended = next.ended[0];
    if (ended !== undefined && ended !== before.ended[0]) log.info("a release ended", { ...ended });
    if (next !== before) this.#deps.onChange?.(next);
    if (step !== null) void this.#take(step);
  }

  async #take(step: RolloutStep): Promise<void> {
    const result = await this.#resultOf(step);
    if (step.kind === "deploy" && step.rollbackBecause !== null)
      this.#auditReturn(step.stage, step.release, step.rollbackBecause, result);
    this.#decide(result);
  }

  async #resultOf(step: RolloutStep): Promise<StepResult> {
    const { target } = this.#deps;
    const { id } = step;
    try {
      switch (step.kind) {
        case "inspect": {
          const [missing, staging, production] = await Promise.all([
            step.withArtifacts ? this.#read(() => target.missingArtifacts(step.release)) : [],
            this.#read(() => target.current("staging")),
            this.#read(() => target.current("production")),
          ]);
          return { kind: "inspected", id, missing, current: { staging, production } };
        }
        case "deploy":
          await target.deploy(step.release, step.stage);
          return { kind: "deployed", id };
        case "gate":
          return { kind: "gated", id, canaries: await runGate(step, this.#deps) };
      }
    } catch (error) {
      const { message, retriable } = failureOf(error);
      this.#deps.log.warn("a step of a release failed", { step: step.kind, error });
      return { kind: "failed", id, isTransient: retriable, because: message };
    }
  }

  /** A question is asked again at once: only what changes something has to wait. */
  async #read<T>(ask: () => Promise<T>): Promise<T> {
    for (let left = READS_MAX; ; left -= 1) {
      try {
        return await ask();
      } catch (error) {
        if (left <= 1 || !failureOf(error).retriable) throw error;
      }
    }
  }

  #auditReturn(stage: ReleaseStage, to: string, because: string, result: StepResult): void {
    const { audit, clock } = this.#deps;
    const rollout = this.#state.current;
    if (rollout?.fall === null || rollout?.fall.cause === "operator" || rollout === null) return;
    const tookMs = clock.nowMs() - rollout.fall.atMs;
    audit({
      atMs: clock.nowMs(),
      command: { kind: "rollback-release", stage },
      actor: { kind: "machine", incident: `release-bad:release:${rollout.release}` },
      evidence: `${rollout.release}: ${because}`,
      limit: `1 release at a time, back to ${to} and nothing else`,
      outcome:
        result.kind === "failed"
          ? { kind: "failed", because: result.because }
          : { kind: "done", message: `${to} runs again, after ${formatDuration(tookMs)}` },
    });
  }

  async #sample(): Promise<void> {
    const { clock, components, log, status } = this.#deps;
    this.#sampledAtMs = clock.monotonicMs();
    try {
      const [seen, parts] = await Promise.all([status(), components.list()]);
      const sample = bakeSampleOf(seen, parts, clock.nowMs());
      const first = this.#state.current?.submittedAtMs ?? sample.atMs;
      this.#samples = this.#samples.filter(({ atMs }) => atMs >= first - BAKE_BEFORE_MS);
      // An answer that was long under way tells of a time that is already known.
      if (sample.atMs > (this.#samples.at(-1)?.atMs ?? Number.NEGATIVE_INFINITY))
        this.#samples.push(sample);
    } catch (error) {
      log.debug("production could not be looked at", { error });
    }
  }
}
