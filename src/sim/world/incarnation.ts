/** One life of a control plane's process: when it ends or is wedged, nothing that it asked comes back. */
import type { ControlPlanePorts } from "#control/control-plane.ts";
import type { Clock } from "#ports/clock.ts";
import type { History } from "#ports/history.ts";
import { never } from "./context.ts";

export class Incarnation {
  isDead = false;
  /** It takes calls and answers none: a wedge, a pool without connections, a leak that stalled. */
  isStuck = false;
  /** It answers questions and nothing that a launch asks comes back. */
  isMute = false;
  /** Whatever it asks takes this much longer. */
  slowMs = 0;
  /** Whatever it does waits so long for its turn. */
  lagMs = 0;
  readonly #clock: Clock;
  readonly #isOffNet: () => boolean;
  readonly #unsubscribe: (() => void)[] = [];

  /** `isOffNet`: its machine reaches nothing now. */
  constructor(clock: Clock, isOffNet: () => boolean) {
    this.#clock = clock;
    this.#isOffNet = isOffNet;
  }

  get #isCutOff(): boolean {
    return this.isDead || this.isStuck || this.#isOffNet();
  }

  die(): void {
    this.isDead = true;
    for (const stop of this.#unsubscribe) stop();
  }

  /** The ports as this process has them. */
  ports(world: ControlPlanePorts): ControlPlanePorts {
    return {
      ...world,
      clock: this.#gatedClock(),
      source: this.#gated(world.source, () => true),
      builder: this.#gated(world.builder, () => true),
      driver: this.#gated(world.driver, (name) => name === "start" || name === "claim"),
      edge: this.#gated(world.edge, () => true),
      cluster: this.#gated(world.cluster, () => false),
      history: this.#reachableHistory(world.history),
    };
  }

  #gatedClock(): Clock {
    const clock = this.#clock;
    return {
      nowMs: () => clock.nowMs(),
      monotonicMs: () => clock.monotonicMs(),
      setTimer: (delayMs, callback) =>
        clock.setTimer(delayMs, () => {
          if (!this.isDead) callback();
        }),
    };
  }

  /** What is written while the process reaches nothing is lost. */
  #reachableHistory(history: History): History {
    return {
      append: (entry) => {
        if (!this.#isCutOff) history.append(entry);
      },
      recent: (kind, limit) => (this.#isCutOff ? never() : history.recent(kind, limit)),
    };
  }

  /** Each method of the port, cut off when the process is; some of them are asked for launches. */
  #gated<T extends object>(port: T, isOfLaunches: (name: string) => boolean): T {
    const gated: Record<string, unknown> = {};
    for (const [name, method] of Object.entries(port)) {
      gated[name] =
        name === "onHint"
          ? this.#subscription(method as Subscribe)
          : this.#method(method as Method, isOfLaunches(name));
    }
    return gated as T;
  }

  #subscription(subscribe: Subscribe): Subscribe {
    return (listener) => {
      const stop = subscribe((...given) => {
        if (!this.#isCutOff) listener(...given);
      });
      this.#unsubscribe.push(stop);
      return stop;
    };
  }

  #method(method: Method, isOfLaunches: boolean): Method {
    const isCutOff = () => this.#isCutOff || (this.isMute && isOfLaunches);
    const came = (value: unknown) => (isCutOff() ? never() : value);
    const failed = (error: unknown) => {
      if (isCutOff()) return never();
      throw error;
    };
    const ask = (given: readonly unknown[]) => {
      if (isCutOff()) return never();
      const answer = method(...given);
      return answer instanceof Promise ? answer.then(came, failed) : answer;
    };
    return (...given) =>
      this.slowMs > 0 && !isCutOff() ? this.#later().then(() => ask(given)) : ask(given);
  }

  #later(): Promise<void> {
    return new Promise((resolve) => void this.#clock.setTimer(this.slowMs, resolve));
  }
}

type Method = (...given: readonly unknown[]) => unknown;
type Subscribe = (listener: (...given: readonly unknown[]) => void) => () => void;
