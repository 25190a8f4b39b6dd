/** Replicas of the gateway in front of everything, each on a node, and the balancer before them. */
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "#base/units.ts";
import type { Prng } from "#base/prng.ts";
import type { ComponentObservation } from "#ports/components.ts";
import type { Edge } from "#ports/edge.ts";
import type { PretendCluster } from "./cluster.ts";
import type { WorldContext } from "./context.ts";
import type { Pod } from "./node.ts";

interface Replica {
  readonly name: string;
  pod: Pod;
  /** Takes connections and sends no byte. */
  isWedged: boolean;
  /** The balancer looked through it in vain, and sends nothing to it any more. */
  isOut: boolean;
  /** Ends the looks that will take it out. */
  cancelOut: (() => void) | null;
  isStarting: boolean;
  restarts: number;
  startedAtMs: number;
}

const START_MS = 5 * SECOND_MS;
/** What a client waits for a connection that says nothing. */
const SILENCE_MS = 2 * SECOND_MS;
/** Looks in vain, in a row, after which the balancer sends nothing any more. */
const LOOKS_IN_VAIN = 2;

export class EdgeFleet {
  readonly replicas: Replica[] = [];
  readonly #context: WorldContext;
  readonly #cluster: PretendCluster;
  readonly #requestsPerMs: number;
  readonly #prng: Prng;
  /** How often the balancer looks, and how long it waits for an answer; 0: it never looks. */
  readonly #lookMs: number;
  /** What the session says when the request reached it: null, or why not. */
  readonly #answers: (sessionId: string) => string | null;
  #counter = 0;
  #turn = 0;
  /** Requests are counted up to here, and fail in this share since. */
  #countedToMs: number;
  #failingShare = 0;
  #cancelCount: () => void = () => undefined;

  constructor(
    context: WorldContext,
    cluster: PretendCluster,
    spec: {
      readonly replicas: number;
      readonly requestsPerHour: number;
      readonly lookMs: number;
    },
    answers: (sessionId: string) => string | null,
  ) {
    this.#context = context;
    this.#cluster = cluster;
    this.#requestsPerMs = spec.requestsPerHour / HOUR_MS;
    this.#lookMs = spec.lookMs;
    this.#prng = context.prng.fork("balancer");
    this.#answers = answers;
    this.#countedToMs = context.clock.nowMs();
    for (let n = 0; n < spec.replicas; n += 1) this.add([], 0);
    cluster.onChange(() => this.count());
  }

  readonly port: Edge = {
    probe: async (id) => {
      const asked = this.replicas.filter(getsRequests);
      const chosen = asked[this.#turn % Math.max(1, asked.length)];
      this.#turn += 1;
      if (chosen === undefined) return { kind: "silent", because: "no edge replica is ready" };
      const because = isSilent(chosen) ? "the edge sends no byte" : this.#answers(id);
      if (because === null) return { kind: "answers" };
      if (because !== "nobody listens") await this.#context.clock.sleep(SILENCE_MS);
      return { kind: "silent", because };
    },
  };

  list(): ComponentObservation[] {
    return this.replicas.map((replica) => ({
      name: replica.name,
      role: "edge",
      node: replica.pod.node?.name ?? null,
      isReady: getsRequests(replica),
      startedAtMs: replica.startedAtMs,
      restarts: replica.restarts,
      release: "edge",
      memoryBytes: null,
      handles: null,
      loopLagMs: null,
      answers: getsRequests(replica) && !isSilent(replica),
    }));
  }

  add(avoidNodes: readonly string[], startMs: number = START_MS): void {
    this.#counter += 1;
    const name = `edge-${this.#counter}`;
    const replica: Replica = {
      name,
      pod: this.#pod(name, avoidNodes),
      isWedged: false,
      isOut: false,
      cancelOut: null,
      isStarting: startMs > 0,
      restarts: 0,
      startedAtMs: this.#context.clock.nowMs(),
    };
    this.replicas.push(replica);
    this.#cluster.place(replica.pod);
    if (startMs > 0) this.#startLater(replica);
    this.count();
  }

  restart(name: string): boolean {
    const replica = this.replicas.find((one) => one.name === name);
    if (replica === undefined) return false;
    if (replica.isStarting) return true;
    replica.isStarting = true;
    replica.restarts += 1;
    this.#cluster.release(replica.pod);
    replica.pod = this.#pod(name, []);
    this.#cluster.place(replica.pod);
    this.#startLater(replica);
    this.count();
    return true;
  }

  /** Its process ends and is started again where it is. */
  crash(pod: Pod): boolean {
    const replica = this.replicas.find((one) => one.pod === pod);
    if (replica === undefined || replica.isStarting) return false;
    replica.isStarting = true;
    replica.restarts += 1;
    this.#startLater(replica);
    this.count();
    return true;
  }

  wedge(count: number): void {
    for (const replica of this.replicas.slice(0, count)) replica.isWedged = true;
    this.count();
  }

  /** Its node is gone: the deployment makes it anew elsewhere. */
  lostPod(pod: Pod): void {
    const replica = this.replicas.find((one) => one.pod === pod);
    if (replica === undefined) return;
    replica.isStarting = false;
    this.restart(replica.name);
  }

  /** Something may have changed: counts the requests up to here, and looks what will become of them. */
  count(): void {
    const { clock, recorder } = this.#context;
    const nowMs = clock.nowMs();
    const total = (nowMs - this.#countedToMs) * this.#requestsPerMs;
    const failed = total * this.#failingShare;
    if (total > 0) recorder.add({ kind: "requests", atMs: nowMs, what: "edge", total, failed });
    this.#countedToMs = nowMs;
    for (const replica of this.replicas) {
      if (isSilent(replica)) this.#takeOutLater(replica);
      else replica.isOut = false;
    }
    const asked = this.replicas.filter(getsRequests);
    this.#failingShare = asked.length === 0 ? 1 : asked.filter(isSilent).length / asked.length;
    this.#cancelCount();
    const untilMs = this.#failingShare > 0 ? SECOND_MS : MINUTE_MS;
    this.#cancelCount = clock.setTimer(untilMs, () => this.count());
  }

  /** The next look begins some time within the interval, and each waits as long as that. */
  #takeOutLater(replica: Replica): void {
    if (this.#lookMs === 0 || replica.isOut || replica.cancelOut !== null) return;
    const delayMs = Math.round(this.#lookMs * (this.#prng.fraction() + LOOKS_IN_VAIN));
    replica.cancelOut = this.#context.clock.setTimer(delayMs, () => {
      replica.cancelOut = null;
      replica.isOut = isSilent(replica);
      this.count();
    });
  }

  #startLater(replica: Replica): void {
    const { clock } = this.#context;
    clock.setTimer(START_MS, () => {
      replica.isStarting = false;
      replica.isWedged = false;
      replica.isOut = false;
      replica.cancelOut?.();
      replica.cancelOut = null;
      replica.startedAtMs = clock.nowMs();
      this.count();
    });
  }

  #pod(name: string, avoidNodes: readonly string[]): Pod {
    return {
      name,
      role: "edge",
      createdAtMs: this.#context.clock.nowMs(),
      image: null,
      launch: null,
      avoidNodes,
      changed: () => undefined,
      node: null,
      step: "placing",
      cancelStep: null,
    };
  }
}

/** The balancer sends to it: it is there, and on a node that is not cordoned (as mybinder's did). */
function getsRequests({ isOut, isStarting, pod }: Replica): boolean {
  return !isOut && !isStarting && pod.node !== null && !pod.node.bars.has("cordoned");
}

/** Whatever it is asked, it says nothing. */
function isSilent({ isStarting, isWedged, pod }: Replica): boolean {
  return !isStarting && (isWedged || pod.node?.isCutOff === true);
}
