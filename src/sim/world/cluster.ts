/** The pretend cluster: nodes that come and go, pods that are placed on them, and what waits for room. */
import type { NodeBar } from "#core/nodes/node.ts";
import { Autoscaler } from "./autoscaler.ts";
import type { WorldContext } from "./context.ts";
import { type NodeTraits, PretendNode } from "./node.ts";
import type { Pod } from "./node.ts";
import { takesSeat } from "./pods.ts";
import { chooseNode, type Spreading } from "./scheduler.ts";

export interface ClusterTraits {
  readonly nodes: number;
  readonly seatsPerNode: number;
  readonly nodesMax: number;
  readonly nodeBootMs: number;
  /** A machine without sessions goes after this time. */
  readonly nodeIdleMs: number;
  readonly imagePullMs: number;
  /** Boots and pulls take exactly so long. */
  readonly isExact: boolean;
  readonly sessionStartMs: number;
  readonly spreading: Spreading;
  /** New nodes bear the bar `unproven` until somebody removes it. */
  readonly isGated: boolean;
}

export class PretendCluster {
  readonly traits: ClusterTraits;
  readonly nodes = new Map<string, PretendNode>();
  readonly autoscaler: Autoscaler;
  /** Made after the beginning: no node has them until it has pulled them. */
  readonly newImages = new Set<string>();
  readonly #context: WorldContext;
  readonly #pending = new Set<Pod>();
  readonly #listeners = new Set<() => void>();
  #nodeCounter = 0;
  #placeholdersWanted = 0;
  #placeholders = new Set<Pod>();
  /** How long a pull of the image takes. */
  pullMs: (image: string) => number = () => this.traits.imagePullMs;
  /** Images that every node copies before anybody starts there. */
  #prefetched: readonly string[] = [];
  /** How a node copies an image ahead; see `kubelet.ts`. */
  prefetch: (node: PretendNode, image: string) => void = () => undefined;
  /** What happens to a pod that was placed; see `kubelet.ts`. */
  placed: (pod: Pod) => void = () => undefined;
  /** What happens to a pod whose node is gone; it is on none any more. */
  lost: (pod: Pod, node: string) => void = () => undefined;

  constructor(context: WorldContext, traits: ClusterTraits) {
    this.#context = context;
    this.traits = traits;
    this.autoscaler = new Autoscaler(context, this);
    for (let n = 0; n < traits.nodes; n += 1) this.join({}, false);
  }

  get pendingSeats(): number {
    let count = 0;
    for (const pod of this.#pending) if (takesSeat(pod.role)) count += 1;
    return count;
  }

  get pendingPeople(): number {
    let count = 0;
    for (const pod of this.#pending) if (pod.role === "session") count += 1;
    return count;
  }

  /** People that all machines could hold, those that can still be made included. */
  get seatsMax(): number {
    const { coming, nodesMax } = this.autoscaler;
    let seats = Math.max(coming, nodesMax - this.nodes.size) * this.traits.seatsPerNode;
    for (const node of this.nodes.values()) seats += node.seats;
    return seats;
  }

  get placeholders(): { readonly wanted: number; readonly running: number } {
    let running = 0;
    for (const pod of this.#placeholders) if (pod.node !== null) running += 1;
    return { wanted: this.#placeholdersWanted, running };
  }

  /** The cluster's API needs the addresses of all machines for its way to the logs of any. */
  get areLogsReached(): boolean {
    for (const { addresses } of this.nodes.values()) if (addresses.length === 0) return false;
    return true;
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** A machine joins; what is not said is as it should be. */
  join(traits: Partial<NodeTraits>, isGated: boolean = this.traits.isGated): PretendNode {
    const { clock, recorder } = this.#context;
    this.#nodeCounter += 1;
    const whole = { isReady: true, podNet: true, dns: true, registry: true, hasScratchDisk: true };
    const seats = this.traits.seatsPerNode;
    const node = new PretendNode(`node-${this.#nodeCounter}`, clock.nowMs(), {
      ...{ ...whole, seats },
      ...traits,
    });
    if (isGated) node.bars.add("unproven");
    this.nodes.set(node.name, node);
    recorder.add({ kind: "node-joined", atMs: clock.nowMs(), node: node.name });
    for (const image of this.#prefetched) this.prefetch(node, image);
    this.#watchEmptiness(node);
    this.#changed();
    this.placePending();
    return node;
  }

  /** The machine is gone, and all that ran on it. */
  remove(node: PretendNode): void {
    if (node.isGone) return;
    node.isGone = true;
    node.cancelRemoval?.();
    this.nodes.delete(node.name);
    const { clock, recorder } = this.#context;
    recorder.add({ kind: "node-removed", atMs: clock.nowMs(), node: node.name });
    for (const pod of [...node.pods]) {
      this.#unbind(pod);
      this.lost(pod, node.name);
    }
    this.#changed();
    this.placePending();
  }

  bar(name: string, bar: NodeBar): void {
    const node = this.nodes.get(name);
    if (node === undefined || node.bars.has(bar)) return;
    node.bars.add(bar);
    this.#watchEmptiness(node);
    this.#changed();
  }

  unbar(name: string, bar: NodeBar): void {
    const node = this.nodes.get(name);
    if (node === undefined || !node.bars.delete(bar)) return;
    this.#changed();
    this.placePending();
  }

  /** Places the pod now or when there is room. */
  place(pod: Pod): void {
    if (this.#bind(pod)) return;
    this.#pending.add(pod);
    this.autoscaler.notice();
  }

  /** The pod is deleted: its seat is free. */
  release(pod: Pod): void {
    this.#pending.delete(pod);
    const { node } = pod;
    if (node === null) return;
    this.#unbind(pod);
    this.#watchEmptiness(node);
    this.placePending();
  }

  setPrefetched(images: readonly string[]): void {
    this.#prefetched = images;
    for (const node of this.nodes.values()) for (const image of images) this.prefetch(node, image);
  }

  setPlaceholders(count: number): void {
    this.#placeholdersWanted = count;
    for (const pod of this.#placeholders) {
      const isUseless = pod.node !== null && !pod.node.isAdmitting;
      if (!isUseless && this.#placeholders.size <= count) continue;
      this.#placeholders.delete(pod);
      this.release(pod);
    }
    while (this.#placeholders.size < count) this.#addPlaceholder();
  }

  placePending(): void {
    if (this.#pending.size === 0) return;
    // People first: a placeholder that takes the last seat would only have to leave it again.
    for (const pod of this.#pending) if (pod.role !== "placeholder") this.#tryPending(pod);
    for (const pod of this.#pending) if (pod.role === "placeholder") this.#tryPending(pod);
  }

  #tryPending(pod: Pod): void {
    if (this.#bind(pod)) this.#pending.delete(pod);
  }

  #bind(pod: Pod): boolean {
    const node = chooseNode(pod, this.nodes.values(), this.traits.spreading);
    if (node === null) return false;
    const isSeat = takesSeat(pod.role);
    if (isSeat && pod.role !== "placeholder" && node.freeSeats <= 0) this.#preempt(node);
    pod.node = node;
    node.pods.add(pod);
    if (pod.role === "placeholder") node.placeholders += 1;
    else if (isSeat) {
      node.sessions += 1;
      node.cancelRemoval?.();
      node.cancelRemoval = null;
    }
    const { clock, recorder } = this.#context;
    const { launch, name, role } = pod;
    if (role !== "placeholder") {
      const isUnproven = node.isUnproven || node.isCutOff;
      const atMs = clock.nowMs();
      recorder.add({
        kind: "pod-bound",
        atMs,
        pod: name,
        role,
        node: node.name,
        isUnproven,
        launch,
      });
    }
    this.placed(pod);
    return true;
  }

  #unbind(pod: Pod): void {
    const { node } = pod;
    if (node === null || !node.pods.delete(pod)) return;
    if (pod.role === "placeholder") node.placeholders -= 1;
    else if (takesSeat(pod.role)) node.sessions -= 1;
    pod.node = null;
  }

  /** One placeholder leaves the node and waits for another seat: that is what makes the cluster grow. */
  #preempt(node: PretendNode): void {
    for (const pod of node.pods) {
      if (pod.role !== "placeholder") continue;
      this.#unbind(pod);
      this.#pending.add(pod);
      this.autoscaler.notice();
      return;
    }
  }

  #addPlaceholder(): void {
    const { clock } = this.#context;
    const pod: Pod = {
      name: `placeholder-${this.#placeholders.size}`,
      role: "placeholder",
      createdAtMs: clock.nowMs(),
      image: null,
      launch: null,
      avoidNodes: [],
      changed: () => undefined,
      node: null,
      step: "placing",
      cancelStep: null,
    };
    this.#placeholders.add(pod);
    this.place(pod);
  }

  /** The autoscaler takes away what was empty for long; never the last ones. */
  #watchEmptiness(node: PretendNode): void {
    if (node.sessions > 0 || node.cancelRemoval !== null) return;
    node.cancelRemoval = this.#context.clock.setTimer(this.traits.nodeIdleMs, () => {
      node.cancelRemoval = null;
      const isNeeded = node.sessions > 0 || this.nodes.size <= this.traits.nodes || hasCore(node);
      if (!isNeeded && this.#fitsElsewhere(node)) this.remove(node);
      else if (node.sessions === 0 && !node.isGone) this.#watchEmptiness(node);
    });
  }

  /** The placeholders on it have another seat to go to. */
  #fitsElsewhere(leaving: PretendNode): boolean {
    let free = 0;
    for (const node of this.nodes.values()) {
      if (node !== leaving && node.isAdmitting) free += node.freeSeats;
    }
    return free >= leaving.placeholders;
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}

function hasCore(node: PretendNode): boolean {
  for (const pod of node.pods) if (!takesSeat(pod.role)) return true;
  return false;
}
