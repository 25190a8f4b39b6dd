/** Work that comes round: each loop renews a lease by progress, and one that stalls is restarted alone. */
import { formatDuration } from "./units.ts";

/** As much of the Clock and Log ports as loops need. */
interface LoopClock {
  nowMs(): number;
  monotonicMs(): number;
  setTimer(delayMs: number, callback: () => void): () => void;
}

interface LoopLog {
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}

interface LoopsDeps {
  readonly clock: LoopClock;
  readonly log: LoopLog;
  /** Time for one round; without a limit nothing restarts a loop that stalls. */
  readonly leaseMs: number;
  /** A loop stalled and was started again; `evidence` says how long it made no progress. */
  readonly restarted?: (loop: string, evidence: string) => void;
}

export interface LoopSpec {
  readonly name: string;
  readonly intervalMs: number;
  /** Where a round may take longer than those of the others. */
  readonly leaseMs?: number;
  /** One round. What it does is only believed while `isCurrent()`: a stalled round may wake up late. */
  readonly round: (isCurrent: () => boolean) => Promise<void>;
}

interface LoopLook {
  readonly name: string;
  readonly lastProgressAtMs: number;
  readonly isStalled: boolean;
  readonly restarts: number;
}

interface LoopState {
  readonly spec: LoopSpec;
  readonly leaseMs: number;
  generation: number;
  isRunning: boolean;
  isDue: boolean;
  startedAtMs: number;
  progressWallMs: number;
  restarts: number;
  cancelTimer: (() => void) | null;
}

export class Loops {
  readonly #loops: LoopState[] = [];
  readonly #deps: LoopsDeps;
  #cancelWatchdog: (() => void) | null = null;
  #isStopped = false;

  constructor(deps: LoopsDeps) {
    this.#deps = deps;
  }

  /** Starts the loop: its first round runs at once. */
  start(spec: LoopSpec): void {
    const { clock, leaseMs } = this.#deps;
    const state: LoopState = {
      spec,
      leaseMs: Math.max(leaseMs, spec.leaseMs ?? 0),
      generation: 0,
      isRunning: false,
      isDue: false,
      startedAtMs: 0,
      progressWallMs: clock.nowMs(),
      restarts: 0,
      cancelTimer: null,
    };
    this.#loops.push(state);
    if (this.#cancelWatchdog === null) this.#watchLater();
    void this.#run(state);
  }

  /** Asks for a round now; while one runs, for another right after it. */
  hurry(name: string): void {
    const state = this.#find(name);
    if (state === undefined) return;
    if (state.isRunning) {
      state.isDue = true;
      return;
    }
    state.cancelTimer?.();
    void this.#run(state);
  }

  /** Begins a round now and believes nothing of the one that runs. False: there is no such loop. */
  restart(name: string): boolean {
    const state = this.#find(name);
    if (state === undefined) return false;
    this.#deps.log.warn("a loop is restarted", { loop: name });
    this.#restart(state);
    return true;
  }

  view(): readonly LoopLook[] {
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

  #find(name: string): LoopState | undefined {
    return this.#isStopped ? undefined : this.#loops.find((loop) => loop.spec.name === name);
  }

  #restart(state: LoopState): void {
    state.generation += 1;
    state.restarts += 1;
    state.cancelTimer?.();
    void this.#run(state);
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
    state.progressWallMs = clock.nowMs();
    const delayMs = state.isDue ? 0 : state.spec.intervalMs;
    state.cancelTimer = clock.setTimer(delayMs, () => void this.#run(state));
  }

  #isStalled(loop: LoopState): boolean {
    return loop.isRunning && this.#deps.clock.monotonicMs() - loop.startedAtMs >= loop.leaseMs;
  }

  #watchLater(): void {
    const { clock, leaseMs } = this.#deps;
    if (!Number.isFinite(leaseMs)) return;
    const intervalMs = Math.max(1, Math.floor(leaseMs / 4));
    this.#cancelWatchdog = clock.setTimer(intervalMs, () => this.#watch());
  }

  #watch(): void {
    for (const loop of this.#loops) {
      if (!this.#isStalled(loop)) continue;
      this.#deps.log.warn("a loop made no progress within its lease and is restarted", {
        loop: loop.spec.name,
        restarts: loop.restarts + 1,
      });
      const stalledMs = this.#deps.clock.monotonicMs() - loop.startedAtMs;
      const took = `${loop.spec.name} has been in one round for ${formatDuration(stalledMs)}`;
      this.#restart(loop);
      this.#deps.restarted?.(loop.spec.name, `${took}, of at most ${formatDuration(loop.leaseMs)}`);
    }
    this.#watchLater();
  }
}
