/** One pretend machine, what runs on it, and what can be wrong with it. */
import type { NodeBar, NodeObservation, NodeProbe } from "#core/nodes/node.ts";
import type { PodRole } from "./records.ts";

export type PodStep = "placing" | "pulling" | "starting" | "running" | "ended";

/** Something that runs on a node, or waits for one. */
export interface Pod {
  readonly name: string;
  readonly role: PodRole;
  readonly createdAtMs: number;
  readonly image: string | null;
  /** For which it was made; null for pods of no launch. */
  readonly launch: string | null;
  /** Another node, where there is one. */
  readonly avoidNodes: readonly string[];
  /** Called when its state may have changed. */
  readonly changed: () => void;
  node: PretendNode | null;
  step: PodStep;
  cancelStep: (() => void) | null;
}

export interface NodeTraits {
  readonly seats: number;
  readonly isReady: boolean;
  readonly podNet: boolean;
  readonly dns: boolean;
  readonly registry: boolean;
  readonly hasScratchDisk: boolean;
}

export class PretendNode {
  readonly name: string;
  readonly createdAtMs: number;
  readonly seats: number;
  readonly bars = new Set<NodeBar>();
  readonly pods = new Set<Pod>();
  /** It was there long enough to have pulled all that is asked for. */
  hasEveryImage = false;
  /** Images that need not be pulled. */
  readonly images = new Set<string>();
  /** When the pull of an image that began is over. */
  readonly pulls = new Map<string, number>();
  readonly hasScratchDisk: boolean;
  isReady: boolean;
  /** False: what runs on it cannot be reached from anywhere; its own host network is fine. */
  podNet: boolean;
  dns: boolean;
  registry: boolean;
  isReadOnly = false;
  diskFreeRatio = 0.6;
  memoryFreeRatio = 0.4;
  addresses: readonly string[];
  /** What its agent wrote of the machine last: it looks only now and then. */
  #report = { diskFreeRatio: 0.6, memoryFreeRatio: 0.4, isReadOnly: false };
  /** The agent fell silent then. */
  lostSinceMs: number | null = null;
  /** The last step of emptying: nothing may be placed any more. */
  isGone = false;
  sessions = 0;
  placeholders = 0;
  cancelRemoval: (() => void) | null = null;

  constructor(name: string, createdAtMs: number, traits: NodeTraits) {
    this.name = name;
    this.createdAtMs = createdAtMs;
    this.seats = traits.seats;
    this.isReady = traits.isReady;
    this.podNet = traits.podNet;
    this.dns = traits.dns;
    this.registry = traits.registry;
    this.hasScratchDisk = traits.hasScratchDisk;
    this.addresses = [`10.0.0.${name.replace(/\D/g, "")}`];
  }

  get isAdmitting(): boolean {
    return this.isReady && this.bars.size === 0 && !this.isGone;
  }

  get freeSeats(): number {
    return this.seats - this.sessions - this.placeholders;
  }

  get isUnproven(): boolean {
    return this.bars.has("unproven");
  }

  /** Nothing on it is reached from outside. */
  get isCutOff(): boolean {
    return !this.podNet || this.lostSinceMs !== null;
  }

  /** The agent looks at the machine and writes down what it sees. */
  writeReport(): void {
    const { diskFreeRatio, isReadOnly, lostSinceMs, memoryFreeRatio } = this;
    if (lostSinceMs === null) this.#report = { diskFreeRatio, memoryFreeRatio, isReadOnly };
  }

  observe(nowMs: number): NodeObservation {
    return {
      name: this.name,
      createdAtMs: this.createdAtMs,
      isReady: this.isReady,
      bars: [...this.bars],
      heartbeatAtMs: this.lostSinceMs ?? nowMs,
      addresses: this.addresses,
      seats: this.seats,
      sessions: this.sessions,
      ...this.#report,
      hasScratchDisk: this.hasScratchDisk,
    };
  }

  /** What its agent, in a pod on it, sees now; null when it can tell nobody. */
  probe(nowMs: number, isLogPathBroken: boolean): NodeProbe | null {
    if (this.lostSinceMs !== null) return null;
    const failures: NodeProbe["failures"][number][] = [];
    if (!this.podNet) {
      failures.push({ check: "pod-network", because: "no pod of another node answers" });
    }
    if (!this.dns) failures.push({ check: "dns", because: "the name server does not answer" });
    if (!this.registry) {
      failures.push({ check: "registry", because: "the registry does not answer" });
    }
    if (this.isReadOnly) {
      failures.push({ check: "read-only", because: "the file system takes no file" });
    } else if (this.diskFreeRatio <= 0) {
      failures.push({ check: "disk", because: "a file cannot be written" });
    }
    if (isLogPathBroken) failures.push({ check: "logs", because: "logs cannot be read" });
    return { node: this.name, atMs: nowMs, failures };
  }
}
