/** For tests: a cluster whose nodes are what a test says, and that writes down what is done to them. */
import type { NodeBar, NodeObservation, NodeProbe } from "#core/nodes/node.ts";
import type { CapacityObservation } from "#core/nodes/node.ts";
import type { Clock } from "#ports/clock.ts";
import type { Cluster } from "#ports/cluster.ts";

export class ScriptedCluster implements Cluster {
  readonly done: string[] = [];
  readonly failing = new Map<string, NodeProbe["failures"]>();
  readonly #clock: Clock;
  readonly #nodes = new Map<string, NodeObservation>();
  /** Its API answers nothing. */
  isDown = false;
  calls = 0;

  constructor(clock: Clock, names: readonly string[]) {
    this.#clock = clock;
    for (const name of names) this.change(name, {});
  }

  change(name: string, over: Partial<NodeObservation>): void {
    const known = this.#nodes.get(name) ?? {
      name,
      createdAtMs: this.#clock.nowMs(),
      isReady: true,
      bars: [],
      heartbeatAtMs: this.#clock.nowMs(),
      addresses: ["10.0.0.1"],
      seats: 10,
      sessions: 2,
      diskFreeRatio: 0.5,
      memoryFreeRatio: 0.5,
      isReadOnly: false,
      hasScratchDisk: true,
    };
    this.#nodes.set(name, { ...known, ...over });
  }

  async nodes(): Promise<readonly NodeObservation[]> {
    this.#call();
    const heartbeatAtMs = this.#clock.nowMs();
    return [...this.#nodes.values()].map((node) => ({ ...node, heartbeatAtMs }));
  }

  async probes(): Promise<readonly NodeProbe[]> {
    const atMs = this.#clock.nowMs();
    return [...this.#nodes.keys()].map((node) => ({
      node,
      atMs,
      failures: this.failing.get(node) ?? [],
    }));
  }

  async capacity(): Promise<CapacityObservation> {
    this.#call();
    return {
      nodesMax: 10,
      nodesComing: 0,
      seatsPerNode: 10,
      nodeBootMs: null,
      pending: 0,
      placeholders: { wanted: 0, running: 0 },
    };
  }

  async bar(node: string, bar: NodeBar): Promise<void> {
    this.#call();
    this.done.push(`bar ${node} ${bar}`);
    this.#bars(node, (bars) => [...bars.filter((other) => other !== bar), bar]);
  }

  async unbar(node: string, bar: NodeBar): Promise<void> {
    this.#call();
    this.done.push(`unbar ${node} ${bar}`);
    this.#bars(node, (bars) => bars.filter((other) => other !== bar));
  }

  async recycle(node: string): Promise<void> {
    this.#call();
    this.done.push(`recycle ${node}`);
    this.#nodes.delete(node);
  }

  async setNodesMax(nodesMax: number): Promise<void> {
    this.done.push(`nodes-max ${nodesMax}`);
  }

  async setPlaceholders(count: number): Promise<void> {
    this.done.push(`placeholders ${count}`);
  }

  async setPrefetched(environments: readonly string[]): Promise<void> {
    this.done.push(`prefetched ${environments.join(" ")}`);
  }

  onHint(): () => void {
    return () => undefined;
  }

  #call(): void {
    this.calls += 1;
    if (this.isDown) throw new Error("connection refused");
  }

  #bars(name: string, change: (bars: readonly NodeBar[]) => readonly NodeBar[]): void {
    const node = this.#nodes.get(name);
    if (node !== undefined) this.change(name, { bars: change(node.bars) });
  }
}
