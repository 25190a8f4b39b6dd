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
import {
  canStart,
  fresh,
  hasToMove,
  isCutOff,
  lagOf,
  type Leak,
  leaked,
  leaseAsReached,
  newReplica,
  observeReplica,
  type Replica,
} from "./control-replica.ts";
import { Incarnation } from "./incarnation.ts";
import type { Pod } from "./node.ts";

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

export class ControlHost {
  readonly replicas: Replica[] = [];
  release = "v1";
  leak: Leak | null = null;
  #plane: ControlPlane | null = null;
  /** Whose plane it is. */
  #planeOf: Replica | null = null;
  /** Since when nobody decides that can be reached; null: somebody does, or nobody did yet. */
  #awaySinceMs: number | null = null;
  readonly #parts: ControlHostParts;
  /** Planes that decide at the same time: never more than one. */
  leading = 0;

  constructor(parts: ControlHostParts, replicas: number) {
    this.#parts = parts;
    for (let n = 1; n <= replicas; n += 1) {
      const name = `control-${n}`;
      this.replicas.push(newReplica(name, this.#pod(name)));
    }
  }

  start(): void {
    for (const replica of this.replicas) {
      this.#parts.cluster.place(replica.pod);
      this.#startProcess(replica);
    }
  }

  /** The control plane that decides now; null while none does that can be reached. */
  get plane(): ControlPlane | null {
    return this.#planeOf === null || isCutOff(this.#planeOf) ? null : this.#plane;
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
    if (leaked(replica, leak) >= 1 && replica.incarnation !== null) {
      replica.incarnation.isStuck = true;
    }
  }

  /**
   * A silent one answers nothing; the other answers questions, and only its launches go nowhere.
   * What is returned ends this process, and no other.
   */
  wedge(isSilent = true): () => void {
    const incarnation = this.leaderReplica?.incarnation ?? null;
    if (incarnation === null) return () => undefined;
    Object.assign(incarnation, { isStuck: isSilent, isMute: !isSilent });
    // What it asked meanwhile never comes back: the process gives up and begins anew.
    return () => {
      if (this.leaderReplica?.incarnation === incarnation) this.crashLeader();
    };
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
    this.#recordLag();
    return this.replicas.map((replica) => observeReplica(replica, this.release, this.leak));
  }

  /** Ends the process; it is started again in its place, or elsewhere when its machine takes nothing. */
  restart(name: string): boolean {
    const replica = this.replicas.find((one) => one.name === name);
    if (replica === undefined) return false;
    if (replica.isStarting && !hasToMove(replica)) return true;
    replica.restarts += 1;
    // A process that is well gives its lease back when it is told to end.
    if (replica.incarnation?.isStuck !== true) void replica.leader?.stop();
    this.#end(replica);
    if (hasToMove(replica)) this.#move(replica);
    this.#startLater(replica);
    return true;
  }

  /** One more, unless one is there already that could decide elsewhere. */
  surge(avoidNodes: readonly string[]): void {
    const isAvoided = ({ pod }: Replica) => avoidNodes.includes(pod.node?.name ?? "");
    const spare = this.replicas.filter((one) => one.incarnation === null && !hasToMove(one));
    if (!spare.every(isAvoided)) return;
    const name = `control-${this.replicas.length + 1}`;
    const replica = newReplica(name, this.#pod(name, avoidNodes));
    this.replicas.push(replica);
    this.#parts.cluster.place(replica.pod);
    this.#startLater(replica);
  }

  crashLeader(): void {
    const replica = this.leaderReplica;
    if (replica !== null) this.restart(replica.name);
  }

  /** Something became of a machine: whoever decides there may not be reached any more. */
  lookAtNodes(): void {
    if (this.#planeOf !== null && isCutOff(this.#planeOf)) this.#noteAway();
  }

  /** Its node was deleted: it is made anew elsewhere. */
  lostPod(pod: Pod): void {
    const replica = this.replicas.find((one) => one.pod === pod);
    if (replica === undefined) return;
    this.#end(replica);
    replica.restarts += 1;
    this.#move(replica);
    this.#startLater(replica);
  }

  #move(replica: Replica): void {
    const { cluster } = this.#parts;
    cluster.release(replica.pod);
    replica.pod = this.#pod(replica.name);
    cluster.place(replica.pod);
  }

  /** Where nothing can begin it is tried again as long as it stands there. */
  #startLater(replica: Replica): void {
    replica.isStarting = true;
    replica.starts += 1;
    const { starts } = replica;
    this.#parts.context.clock.setTimer(RESTART_MS, () => {
      if (starts !== replica.starts) return;
      if (!canStart(replica)) {
        this.#startLater(replica);
        return;
      }
      replica.isStarting = false;
      this.#startProcess(replica);
    });
  }

  #startProcess(replica: Replica): void {
    const { log } = this.#parts.ports;
    const { clock } = this.#parts.context;
    const lease = leaseAsReached(this.#parts.lease, replica.pod, clock);
    Object.assign(replica, fresh(), { startedAtMs: clock.nowMs() });
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
    const { clock, recorder } = context;
    this.leading += 1;
    const value = this.leading;
    recorder.add({ kind: "measured", atMs: clock.nowMs(), what: "control.leading", value });
    const { pod } = replica;
    const incarnation = new Incarnation(clock, () => pod.node?.isCutOff === true);
    replica.incarnation = incarnation;
    const plane = createControlPlane(incarnation.ports(ports), options());
    this.#plane = plane;
    this.#planeOf = replica;
    plane.start().then(
      () => {
        if (incarnation.isDead) return;
        this.#noteBack();
        serving(plane);
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
    if (this.#planeOf !== replica) return;
    this.#plane = null;
    this.#planeOf = null;
    this.#noteAway();
  }

  #noteAway(): void {
    this.#awaySinceMs ??= this.#parts.context.clock.nowMs();
  }

  #noteBack(): void {
    const { clock, recorder } = this.#parts.context;
    const atMs = clock.nowMs();
    if (this.#awaySinceMs !== null) {
      const value = atMs - this.#awaySinceMs;
      recorder.add({ kind: "measured", atMs, what: "control.awayMs", value });
    }
    this.#awaySinceMs = null;
  }

  #end(replica: Replica): void {
    replica.leader?.crash();
    replica.leader = null;
    this.#stepDown(replica);
  }

  /** Of a process that is well it is no news. */
  #recordLag(): void {
    const replica = this.leaderReplica;
    if (replica === null || (this.leak === null && replica.incarnation?.slowMs === 0)) return;
    const { clock, recorder } = this.#parts.context;
    const measure = (what: string, value: number) =>
      recorder.add({ kind: "measured", atMs: clock.nowMs(), what, value });
    measure("control.loopLagMs", lagOf(replica, this.leak));
    if (this.leak !== null) measure("control.leakedShare", leaked(replica, this.leak));
  }

  #pod(name: string, avoidNodes: readonly string[] = []): Pod {
    return {
      name,
      role: "core",
      createdAtMs: this.#parts.context.clock.nowMs(),
      ...{ image: null, launch: null, node: null, cancelStep: null, avoidNodes },
      changed: () => undefined,
      step: "placing",
    };
  }
}
