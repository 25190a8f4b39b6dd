/** A site of pretend machines, with a capacity loop and an autoscaler, as tests put it together. */
import { MINUTE_MS, SECOND_MS } from "#base/units.ts";
import { Capacity } from "#control/capacity.ts";
import { Seats } from "#control/seats.ts";
import type { Booking } from "#core/capacity/due-bookings.ts";
import { nodeOf } from "#core/capacity/machines-in-tests.ts";
import { CLUSTER_POLICY } from "#core/cluster-policy.ts";
import type { NodeBar, NodeObservation } from "#core/nodes/node.ts";
import type { OperatorCommand } from "#core/operations/command.ts";
import { DEFAULT_POLICY, type Policy } from "#core/policy.ts";
import type { ObservedSession } from "#core/session/session.ts";
import type { Cluster } from "#ports/cluster.ts";
import { sessionOf } from "./seats-in-tests.ts";
import { VirtualClock } from "./world/virtual-clock.ts";

const silent = () => undefined;
const log = { debug: silent, info: silent, warn: silent, error: silent };
export const BOOT_MS = 4 * MINUTE_MS;
export const SEATS = 10;

/** Machines of ten seats that come four minutes after a placeholder finds none. */
export class Site {
  readonly clock = new VirtualClock(1_000_000);
  readonly commands: OperatorCommand[] = [];
  readonly bars = new Map<string, NodeBar[]>();
  readonly bookings: Booking[] = [];
  pullMs = 0;
  readonly sessions = new Map<string, ObservedSession>();
  readonly nodes: string[] = [];
  nodesMax = 10;
  isDown = false;
  coming = 0;
  wanted = 0;
  timesSet = 0;
  readonly seats: Seats;
  readonly capacity: Capacity;
  #counter = 0;

  constructor(nodes: number, over: Partial<Policy> = {}) {
    const policy = { ...DEFAULT_POLICY, ...CLUSTER_POLICY, sessionsMax: 1_000, ...over };
    const { clock } = this;
    for (let n = 0; n < nodes; n += 1) this.nodes.push(`n${n}`);
    this.seats = new Seats({
      clock,
      log,
      policy,
      sessions: () => [...this.sessions.values()],
      repoKeyOf: ({ record }) => record.purpose?.repo.url ?? "",
      wake: (id) => this.#sit(id),
      short: silent,
    });
    this.capacity = new Capacity({
      cluster: this.#cluster,
      seats: this.seats,
      clock,
      log,
      policy,
      bookings: () => this.bookings,
      prefetch: { round: async () => undefined },
      isFailing: () => false,
      pullMs: () => this.pullMs,
      act: async (command) => {
        this.commands.push(command);
        if (command.kind === "drain-node") this.bars.set(command.node, ["draining"]);
        if (command.kind === "uncordon-node") this.bars.delete(command.node);
        if (command.kind === "set-nodes-max") this.nodesMax = command.nodesMax;
        return true;
      },
    });
  }

  readonly #cluster: Cluster = {
    nodes: async () => {
      if (this.isDown) throw new Error("refused");
      return this.nodes.map((name) => this.#observe(name));
    },
    probes: async () => [],
    capacity: async () => ({
      nodesMax: this.nodesMax,
      nodesComing: this.coming,
      seatsPerNode: SEATS,
      nodeBootMs: BOOT_MS,
      pending: 0,
      placeholders: { wanted: this.wanted, running: 0 },
    }),
    bar: async () => undefined,
    unbar: async () => undefined,
    recycle: async () => undefined,
    setNodesMax: async () => undefined,
    setPlaceholders: async (count) => {
      this.wanted = count;
      this.timesSet += 1;
    },
    setPrefetched: async () => undefined,
    onHint: () => silent,
  };

  /** Rounds of the loop, and of the cluster's autoscaler after each. */
  async run(forMs: number): Promise<void> {
    for (let passed = 0; passed < forMs; passed += 5 * SECOND_MS) {
      await this.capacity.round(() => true).catch(silent);
      this.#autoscale();
      await this.clock.run(5 * SECOND_MS);
    }
  }

  arrive(count: number, repo = "r"): readonly string[] {
    return Array.from({ length: count }, () => {
      const launchId = `p${(this.#counter += 1)}`;
      const sinceMs = this.clock.nowMs();
      this.seats.ask({ launchId, repoKey: repo, client: null, isCanary: false, sinceMs });
      this.#sit(launchId);
      return launchId;
    });
  }

  leave(count: number): void {
    for (const [id, session] of [...this.sessions].slice(0, count)) {
      this.sessions.delete(id);
      this.seats.noteSession(session, null);
    }
  }

  sessionsOn(node: string): number {
    return [...this.sessions.values()].filter((session) => session.node === node).length;
  }

  #observe(name: string): NodeObservation {
    const bars = this.bars.get(name) ?? [];
    return nodeOf(name, { bars, seats: SEATS, sessions: this.sessionsOn(name) });
  }

  /** Whoever is admitted sits on the first machine with room. */
  #sit(launchId: string): void {
    if (this.sessions.has(launchId) || this.seats.of(launchId).kind !== "taken") return;
    const free = this.nodes.filter((name) => !this.bars.has(name));
    const node = free.find((name) => this.sessionsOn(name) < SEATS) ?? null;
    const session = sessionOf(launchId, "r", node, false);
    this.sessions.set(launchId, session);
    this.seats.noteSession(null, session);
    this.seats.release(launchId);
  }

  #autoscale(): void {
    const free = this.nodes.length * SEATS - this.sessions.size;
    const missing = Math.ceil((this.wanted - free) / SEATS) - this.coming;
    const room = this.nodesMax - this.nodes.length - this.coming;
    for (let n = 0; n < Math.min(missing, room); n += 1) {
      this.coming += 1;
      this.clock.setTimer(BOOT_MS, () => {
        this.coming -= 1;
        this.nodes.push(`n${this.nodes.length}`);
      });
    }
  }
}
