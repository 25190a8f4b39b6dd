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

/** Without a disk of their own, images fill that of the system. */
function keepImage(node: PretendNode, image: string): void {
  node.images.add(image);
  if (!node.hasScratchDisk && node.images.size >= SYSTEM_DISK_IMAGES) node.diskFreeRatio = 0;
}

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
    cluster.prefetch = (node, image) => this.#prefetch(node, image);
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
      keepImage(node, image);
      this.#start(pod);
    });
  }

  /** Ahead of anybody who starts there; what does not come now is pulled when somebody does. */
  #prefetch(node: PretendNode, image: string): void {
    if (this.#isHere(node, image) || node.pulls.has(image)) return;
    if (node.diskFreeRatio <= 0 || node.isReadOnly || !node.registry || node.isCutOff) return;
    this.#context.clock.setTimer(this.#pullMs(node, image), () => {
      if (!node.isGone && !node.isCutOff) keepImage(node, image);
    });
  }

  /** A pull that is under way there already is waited for. */
  #pullMs(node: PretendNode, image: string): number {
    const nowMs = this.#context.clock.nowMs();
    const { isExact } = this.#cluster.traits;
    const pullMs = this.#prng.jitter(this.#cluster.pullMs(image), isExact ? 0 : 0.2);
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
