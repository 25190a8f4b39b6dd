/** Work that comes round: each loop renews a lease by progress, and one that stalls is restarted alone. */
import type { Clock } from "#ports/clock.ts";
import type { Log } from "#ports/log.ts";
import type { LoopView } from "./control-plane-api.ts";

export interface LoopSpec {
  readonly name: string;
  readonly intervalMs: number;
  /** One round. What it does is only believed while `isCurrent()`: a stalled round may wake up late. */
  readonly round: (isCurrent: () => boolean) => Promise<void>;
}

interface LoopState {
  readonly spec: LoopSpec;
  generation: number;
  isRunning: boolean;
  isDue: boolean;
  startedAtMs: number;
  progressAtMs: number;
  progressWallMs: number;
  restarts: number;
  cancelTimer: (() => void) | null;
}

export class Loops {
  readonly #loops: LoopState[] = [];
  readonly #deps: { readonly clock: Clock; readonly log: Log; readonly leaseMs: number };
  #cancelWatchdog: (() => void) | null = null;
  #isStopped = false;

  constructor(deps: { readonly clock: Clock; readonly log: Log; readonly leaseMs: number }) {
    this.#deps = deps;
  }

  /** Starts the loop: its first round runs at once. */
  start(spec: LoopSpec): void {
    const { clock } = this.#deps;
    const state: LoopState = {
      spec,
      generation: 0,
      isRunning: false,
      isDue: false,
      startedAtMs: 0,
      progressAtMs: clock.monotonicMs(),
      progressWallMs: clock.nowMs(),
      restarts: 0,
      cancelTimer: null,
    };
    this.#loops.push(state);
    this.#cancelWatchdog ??= clock.setTimer(this.#watchIntervalMs(), () => this.#watch());
    void this.#run(state);
  }

  /** Asks for a round now; while one runs, for another right after it. */
  hurry(name: string): void {
    const state = this.#loops.find((loop) => loop.spec.name === name);
    if (state === undefined || this.#isStopped) return;
    if (state.isRunning) {
      state.isDue = true;
      return;
    }
    state.cancelTimer?.();
    void this.#run(state);
  }

  view(): readonly LoopView[] {
    return this.#loops.map((loop) => ({
      name: loop.spec.name,
      lastProgressAtMs: loop.progressWallMs,
      isStalled: this.#isStalled(loop),
      restarts: loop.restarts,
    }));
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancelWatchdog?.();
    for (const loop of this.#loops) {
      loop.generation += 1;
      loop.cancelTimer?.();
    }
  }

  async #run(state: LoopState): Promise<void> {
    const { clock, log } = this.#deps;
    const generation = state.generation;
    const isCurrent = () => state.generation === generation && !this.#isStopped;
    state.isRunning = true;
    state.isDue = false;
    state.startedAtMs = clock.monotonicMs();
    try {
      await state.spec.round(isCurrent);
    } catch (error) {
      log.error("a round of a loop failed", { loop: state.spec.name, error });
    }
    if (!isCurrent()) return;
    state.isRunning = false;
    state.progressAtMs = clock.monotonicMs();
    state.progressWallMs = clock.nowMs();
    const delayMs = state.isDue ? 0 : state.spec.intervalMs;
    state.cancelTimer = clock.setTimer(delayMs, () => void this.#run(state));
  }

  #watchIntervalMs(): number {
    return Math.max(1, Math.floor(this.#deps.leaseMs / 4));
  }

  #isStalled(loop: LoopState): boolean {
    const { clock, leaseMs } = this.#deps;
    return loop.isRunning && clock.monotonicMs() - loop.startedAtMs >= leaseMs;
  }

  #watch(): void {
    const { clock, log } = this.#deps;
    for (const loop of this.#loops) {
      if (!this.#isStalled(loop)) continue;
      loop.generation += 1;
      loop.restarts += 1;
      log.warn("a loop made no progress within its lease and is restarted", {
        loop: loop.spec.name,
        restarts: loop.restarts,
      });
      void this.#run(loop);
    }
    this.#cancelWatchdog = clock.setTimer(this.#watchIntervalMs(), () => this.#watch());
  }
}
