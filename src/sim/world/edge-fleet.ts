/** Replicas of the gateway in front of everything: as many as wanted, each on a node. */
import { SECOND_MS } from "#base/units.ts";
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
  isStarting: boolean;
  restarts: number;
  startedAtMs: number;
}

const START_MS = 5 * SECOND_MS;
/** What a client waits for a connection that says nothing. */
const SILENCE_MS = 2 * SECOND_MS;

export class EdgeFleet {
  readonly replicas: Replica[] = [];
  readonly #context: WorldContext;
  readonly #cluster: PretendCluster;
  readonly #requestsPerSecond: number;
  /** What the session says when the request reached it: null, or why not. */
  readonly #answers: (sessionId: string) => string | null;
  #counter = 0;
  #isCounting = false;
  #turn = 0;

  constructor(
    context: WorldContext,
    cluster: PretendCluster,
    spec: { readonly replicas: number; readonly requestsPerHour: number },
    answers: (sessionId: string) => string | null,
  ) {
    this.#context = context;
    this.#cluster = cluster;
    this.#requestsPerSecond = spec.requestsPerHour / 3_600;
    this.#answers = answers;
    for (let n = 0; n < spec.replicas; n += 1) this.add([], 0);
  }

  readonly port: Edge = {
    probe: async (id) => {
      const serving = this.replicas.filter((replica) => this.#isServing(replica));
      const chosen = serving[this.#turn % Math.max(1, serving.length)];
      this.#turn += 1;
      if (chosen === undefined) return { kind: "silent", because: "no edge replica is ready" };
      const because = chosen.isWedged ? "the edge sends no byte" : this.#answers(id);
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
      isReady: this.#isServing(replica),
      startedAtMs: replica.startedAtMs,
      restarts: replica.restarts,
      release: "edge",
      memoryBytes: null,
      handles: null,
      loopLagMs: null,
      answers: this.#isServing(replica) && !replica.isWedged,
    }));
  }

  add(avoidNodes: readonly string[], startMs: number = START_MS): void {
    this.#counter += 1;
    const name = `edge-${this.#counter}`;
    const replica: Replica = {
      name,
      pod: this.#pod(name, avoidNodes),
      isWedged: false,
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

  /** While anything is wrong, each second says how many requests failed. */
  count(): void {
    if (this.#isCounting || this.#requestsPerSecond === 0) return;
    this.#isCounting = true;
    this.#countOnce();
  }

  #countOnce(): void {
    const { clock, recorder } = this.#context;
    const serving = this.replicas.filter((replica) => this.#isServing(replica));
    const wedged = serving.filter((replica) => replica.isWedged).length;
    const share = serving.length === 0 ? 1 : wedged / serving.length;
    const total = this.#requestsPerSecond;
    const failed = total * share;
    recorder.add({ kind: "requests", atMs: clock.nowMs(), what: "edge", total, failed });
    const isWell = share === 0 && this.replicas.every((replica) => this.#isServing(replica));
    if (isWell) this.#isCounting = false;
    else clock.setTimer(SECOND_MS, () => this.#countOnce());
  }

  /** The load balancer sends to it: it is there, and on a node that is not cordoned (as mybinder's did). */
  #isServing({ isStarting, pod }: Replica): boolean {
    if (isStarting || pod.node === null || pod.node.isCutOff) return false;
    return !pod.node.bars.has("cordoned");
  }

  #startLater(replica: Replica): void {
    const { clock } = this.#context;
    clock.setTimer(START_MS, () => {
      replica.isStarting = false;
      replica.isWedged = false;
      replica.startedAtMs = clock.nowMs();
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
