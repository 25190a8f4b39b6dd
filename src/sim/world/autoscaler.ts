/** The cluster's own autoscaler: it acts on pods that wait for room, has a maximum, and takes minutes. */
import { SECOND_MS } from "#base/units.ts";
import type { WorldContext } from "./context.ts";
import type { NodeTraits, PretendNode } from "./node.ts";

/** As much of the cluster as the autoscaler sees. */
interface Growing {
  readonly traits: {
    readonly nodesMax: number;
    readonly nodeBootMs: number;
    readonly seatsPerNode: number;
    readonly isExact: boolean;
  };
  readonly nodes: ReadonlyMap<string, PretendNode>;
  readonly pendingSeats: number;
  join(traits: Partial<NodeTraits>): void;
}

const SCAN_MS = 10 * SECOND_MS;

export class Autoscaler {
  nodesMax: number;
  coming = 0;
  /** From the wish for the last machine to its joining. */
  lastBootMs: number | null = null;
  /** Traits of the machines that join next, soonest first. */
  readonly nextTraits: Partial<NodeTraits>[] = [];
  readonly #context: WorldContext;
  readonly #cluster: Growing;
  #isScanning = false;

  constructor(context: WorldContext, cluster: Growing) {
    this.#context = context;
    this.#cluster = cluster;
    this.nodesMax = cluster.traits.nodesMax;
  }

  /** Something waits for room. */
  notice(): void {
    if (this.#isScanning) return;
    this.#isScanning = true;
    this.#context.clock.setTimer(SCAN_MS, () => this.#scan());
  }

  #scan(): void {
    this.#isScanning = false;
    const { seatsPerNode } = this.#cluster.traits;
    const waiting = this.#cluster.pendingSeats;
    if (waiting === 0) return;
    const wanted = Math.ceil(waiting / seatsPerNode) - this.coming - this.#joiningSoon();
    const room = this.nodesMax - this.#cluster.nodes.size - this.coming;
    for (let n = 0; n < Math.min(wanted, room); n += 1) this.#boot();
    this.notice();
  }

  /** Nodes that are there and only have to be proven. */
  #joiningSoon(): number {
    let count = 0;
    const nowMs = this.#context.clock.nowMs();
    for (const node of this.#cluster.nodes.values()) {
      if (node.isUnproven && node.isReady && nowMs - node.createdAtMs < 60 * SECOND_MS) count += 1;
    }
    return count;
  }

  #boot(): void {
    this.coming += 1;
    const { clock, recorder } = this.#context;
    const value = this.coming;
    recorder.add({ kind: "measured", atMs: clock.nowMs(), what: "cluster.nodesComing", value });
    const { isExact, nodeBootMs } = this.#cluster.traits;
    const bootMs = Math.round(
      this.#context.prng
        .fork(`boot-${this.#context.clock.nowMs()}`)
        .jitter(nodeBootMs, isExact ? 0 : 0.1),
    );
    this.#context.clock.setTimer(bootMs, () => {
      this.coming -= 1;
      this.lastBootMs = bootMs;
      this.#cluster.join(this.nextTraits.shift() ?? {});
    });
  }
}
