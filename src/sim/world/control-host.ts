/** The processes that decide: replicas of the real control plane, of which one leads, on nodes that can fail. */
import { SECOND_MS } from "#base/units.ts";
import type { ControlPlane } from "#control/control-plane-api.ts";
import {
  type ControlPlaneOptions,
  type ControlPlanePorts,
  createControlPlane,
} from "#control/control-plane.ts";
import { Leader } from "#control/leader.ts";
import type { ComponentObservation } from "#ports/components.ts";
import type { LeaseStore } from "#ports/lease.ts";
import type { PretendCluster } from "./cluster.ts";
import type { WorldContext } from "./context.ts";
import { Incarnation } from "./incarnation.ts";
import type { Pod } from "./node.ts";

/** What a launch leaves behind in a process that leaks. */
export interface Leak {
  readonly handles: number;
  readonly memoryBytes: number;
  /** Handles (or launches, when only memory leaks) at which the process stalls. */
  readonly stallsAt: number;
}

interface Replica {
  readonly name: string;
  pod: Pod;
  leader: Leader | null;
  incarnation: Incarnation | null;
  isStarting: boolean;
  startedAtMs: number;
  restarts: number;
  handles: number;
  memoryBytes: number;
  launches: number;
}

export interface ControlHostParts {
  readonly context: WorldContext;
  readonly cluster: PretendCluster;
  readonly lease: LeaseStore;
  readonly ports: ControlPlanePorts;
  readonly options: () => ControlPlaneOptions;
  /** A control plane begins to serve. */
  readonly serving: (plane: ControlPlane) => void;
}

const RESTART_MS = 3 * SECOND_MS;
const BASE_HANDLES = 120;
const BASE_MEMORY = 180 * 1024 * 1024;
const BASE_LAG_MS = 8;

export class ControlHost {
  readonly replicas: Replica[] = [];
  release = "v1";
  leak: Leak | null = null;
  #plane: ControlPlane | null = null;
  readonly #parts: ControlHostParts;
  /** Planes that decide at the same time: never more than one. */
  leading = 0;

  constructor(parts: ControlHostParts, replicas: number) {
    this.#parts = parts;
    for (let n = 1; n <= replicas; n += 1) {
      const name = `control-${n}`;
      const replica: Replica = {
        name,
        pod: this.#pod(name),
        leader: null,
        incarnation: null,
        isStarting: false,
        startedAtMs: 0,
        restarts: 0,
        handles: BASE_HANDLES,
        memoryBytes: BASE_MEMORY,
        launches: 0,
      };
      this.replicas.push(replica);
    }
  }

  start(): void {
    for (const replica of this.replicas) {
      this.#parts.cluster.place(replica.pod);
      this.#startProcess(replica);
    }
  }

  /** The control plane that decides now; null while none does. */
  get plane(): ControlPlane | null {
    return this.#plane;
  }

  get leaderReplica(): Replica | null {
    return this.replicas.find(({ incarnation }) => incarnation !== null) ?? null;
  }

  /** A launch was taken: what leaks leaks. */
  noteLaunch(): void {
    const replica = this.leaderReplica;
    if (replica === null) return;
    replica.launches += 1;
    const { leak } = this;
    if (leak === null) return;
    replica.handles += leak.handles;
    replica.memoryBytes += leak.memoryBytes;
    if (this.#leaked(replica, leak) >= 1 && replica.incarnation !== null) {
      replica.incarnation.isStuck = true;
    }
  }

  /** A silent one answers nothing; the other answers questions, and only its launches go nowhere. */
  wedge(isSilent = true): void {
    const incarnation = this.leaderReplica?.incarnation;
    if (incarnation === null || incarnation === undefined) return;
    incarnation.isStuck = isSilent;
    incarnation.isMute = !isSilent;
  }

  unwedge(): void {
    const incarnation = this.leaderReplica?.incarnation;
    if (incarnation !== null && incarnation !== undefined) incarnation.isStuck = false;
  }

  /** True while it takes calls and answers none. */
  get isStuck(): boolean {
    return this.leaderReplica?.incarnation?.isStuck === true;
  }

  setSlow(slowMs: number): void {
    const incarnation = this.leaderReplica?.incarnation;
    if (incarnation !== null && incarnation !== undefined) incarnation.slowMs = slowMs;
  }

  list(): ComponentObservation[] {
    return this.replicas.map((replica) => ({
      name: replica.name,
      role: "control",
      node: replica.pod.node?.name ?? null,
      isReady: !replica.isStarting && replica.pod.node !== null && !replica.pod.node.isCutOff,
      startedAtMs: replica.startedAtMs,
      restarts: replica.restarts,
      release: this.release,
      memoryBytes: replica.memoryBytes,
      handles: replica.handles,
      loopLagMs: this.#lagOf(replica),
      answers: null,
      isLeading: replica.incarnation !== null,
    }));
  }

  /** Ends the process; it is started again in its place. */
  restart(name: string): boolean {
    const replica = this.replicas.find((one) => one.name === name);
    if (replica === undefined) return false;
    if (replica.isStarting) return true;
    replica.restarts += 1;
    // A process that is well gives its lease back when it is told to end.
    if (replica.incarnation?.isStuck !== true) void replica.leader?.stop();
    this.#end(replica);
    this.#startLater(replica);
    return true;
  }

  crashLeader(): void {
    const replica = this.leaderReplica;
    if (replica !== null) this.restart(replica.name);
  }

  /** The machine fell silent: what ran there is gone, and nobody starts it again there. */
  nodeLost(node: string): void {
    for (const replica of this.replicas) if (replica.pod.node?.name === node) this.#end(replica);
  }

  /** Its node was deleted: it is made anew elsewhere. */
  lostPod(pod: Pod): void {
    const replica = this.replicas.find((one) => one.pod === pod);
    if (replica === undefined) return;
    this.#end(replica);
    replica.pod = this.#pod(replica.name);
    replica.restarts += 1;
    this.#parts.cluster.place(replica.pod);
    this.#startLater(replica);
  }

  #startLater(replica: Replica): void {
    replica.isStarting = true;
    this.#parts.context.clock.setTimer(RESTART_MS, () => {
      replica.isStarting = false;
      if (replica.pod.node !== null && !replica.pod.node.isCutOff) this.#startProcess(replica);
    });
  }

  #startProcess(replica: Replica): void {
    const { context, lease } = this.#parts;
    const { log } = this.#parts.ports;
    const { clock } = context;
    replica.startedAtMs = clock.nowMs();
    replica.handles = BASE_HANDLES;
    replica.memoryBytes = BASE_MEMORY;
    replica.launches = 0;
    const me = `${replica.name}#${replica.restarts}`;
    const { policy } = this.#parts.options();
    replica.leader = new Leader({
      ...{ lease, clock, log, policy, me },
      onLead: () => this.#lead(replica),
      onStepDown: () => this.#stepDown(replica),
    });
    replica.leader.start();
  }

  #lead(replica: Replica): void {
    const { context, options, ports, serving } = this.#parts;
    this.leading += 1;
    const incarnation = new Incarnation(context.clock);
    replica.incarnation = incarnation;
    const plane = createControlPlane(incarnation.ports(ports), options());
    this.#plane = plane;
    plane.start().then(
      () => {
        if (!incarnation.isDead) serving(plane);
      },
      // What exists could not be listed: like a process that exits with an error, it is started again.
      () => {
        if (!incarnation.isDead) this.restart(replica.name);
      },
    );
  }

  #stepDown(replica: Replica): void {
    if (replica.incarnation === null) return;
    this.leading -= 1;
    replica.incarnation.die();
    replica.incarnation = null;
    this.#plane = null;
  }

  #end(replica: Replica): void {
    replica.leader?.crash();
    replica.leader = null;
    this.#stepDown(replica);
  }

  #leaked({ handles, launches }: Replica, leak: Leak): number {
    return leak.handles > 0 ? (handles - BASE_HANDLES) / leak.stallsAt : launches / leak.stallsAt;
  }

  #lagOf(replica: Replica): number {
    if (replica.incarnation === null) return BASE_LAG_MS;
    const leaked = this.leak === null ? 0 : this.#leaked(replica, this.leak);
    // It gets slow long before it stalls.
    return Math.round(BASE_LAG_MS + 400 * leaked ** 3 + replica.incarnation.slowMs / 10);
  }

  #pod(name: string): Pod {
    return {
      name,
      role: "core",
      createdAtMs: this.#parts.context.clock.nowMs(),
      image: null,
      launch: null,
      avoidNodes: [],
      changed: () => undefined,
      node: null,
      step: "placing",
      cancelStep: null,
    };
  }
}
