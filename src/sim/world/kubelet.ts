/** What happens to a pod on its node: the image is pulled, the container starts, and it runs or hangs. */
import { SECOND_MS } from "#base/units.ts";
import type { Prng } from "#base/prng.ts";
import type { PretendCluster } from "./cluster.ts";
import type { WorldContext } from "./context.ts";
import type { Pod, PretendNode } from "./node.ts";

/** As many go onto the disk of the system. */
const SYSTEM_DISK_IMAGES = 10;
/** A pull onto a full disk gives up after this long. */
const FULL_DISK_MS = 20 * SECOND_MS;

export class Kubelet {
  readonly #context: WorldContext;
  readonly #cluster: PretendCluster;
  readonly #prng: Prng;
  /** The pod ended by itself or by its node's fault. */
  readonly #failed: (pod: Pod) => void;

  constructor(context: WorldContext, cluster: PretendCluster, failed: (pod: Pod) => void) {
    this.#context = context;
    this.#cluster = cluster;
    this.#prng = context.prng.fork("kubelet");
    this.#failed = failed;
    cluster.placed = (pod) => this.#pull(pod);
  }

  #pull(pod: Pod): void {
    const { node, image } = pod;
    if (node === null || pod.role === "placeholder") return;
    const isHere = image !== null && this.#isHere(node, image);
    if (image === null || (isHere && node.diskFreeRatio > 0)) {
      this.#start(pod);
      return;
    }
    pod.step = "pulling";
    if (node.diskFreeRatio <= 0) {
      this.#after(pod, FULL_DISK_MS, () => this.#failed(pod));
      return;
    }
    // Without the registry a pull only waits.
    if (!node.registry) return;
    this.#after(pod, this.#pullMs(node, image), () => {
      node.images.add(image);
      // Without a disk of their own, images fill that of the system.
      const isFull = !node.hasScratchDisk && node.images.size >= SYSTEM_DISK_IMAGES;
      if (isFull) node.diskFreeRatio = 0;
      this.#start(pod);
    });
  }

  /** A pull that is under way there already is waited for. */
  #pullMs(node: PretendNode, image: string): number {
    const nowMs = this.#context.clock.nowMs();
    const pullMs = this.#prng.jitter(this.#cluster.pullMs(image), 0.2);
    const endsAtMs = node.pulls.get(image) ?? nowMs + Math.round(pullMs);
    node.pulls.set(image, endsAtMs);
    return Math.max(0, endsAtMs - nowMs);
  }

  #isHere(node: PretendNode, image: string): boolean {
    return node.images.has(image) || (node.hasEveryImage && !this.#cluster.newImages.has(image));
  }

  #start(pod: Pod): void {
    pod.step = "starting";
    pod.changed();
    // A read-only disk: the container is "being created" for ever.
    if (pod.node === null || pod.node.isReadOnly) return;
    const startMs = Math.round(this.#prng.jitter(this.#cluster.traits.sessionStartMs, 0.3));
    this.#after(pod, startMs, () => {
      pod.step = "running";
      pod.changed();
    });
  }

  #after(pod: Pod, delayMs: number, then: () => void): void {
    pod.cancelStep = this.#context.clock.setTimer(delayMs, () => {
      pod.cancelStep = null;
      if (pod.step !== "ended" && pod.node !== null) then();
    });
  }
}
