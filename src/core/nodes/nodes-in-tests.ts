/** For tests: nodes that are looked at again and again, with what is wrong with them. */
import type { Finding } from "../incident/finding.ts";
import { DEFAULT_POLICY, type Policy } from "../policy.ts";
import { decideNodeHealth } from "./decide-node-health.ts";
import type { NodeBar, NodeCheck, NodeObservation, NodeOutcome } from "./node.ts";
import {
  NEW_NODE_HEALTH,
  type NodeAction,
  type NodeHealthDecision,
  type NodeHealthState,
  type StuckStarts,
} from "./node-health.ts";

const START_MS = 1_000_000_000;

export class PretendNodes {
  readonly nodes = new Map<string, NodeObservation>();
  /** What the probes of a node say; silent: no probe comes. */
  readonly failing = new Map<string, readonly NodeCheck[]>();
  readonly silent = new Set<string>();
  readonly dead = new Set<string>();
  readonly held = new Set<string>();
  readonly stuck = new Map<string, StuckStarts>();
  readonly policy: Policy;
  /** Of all looks, with the time since the start. */
  readonly done: string[] = [];
  /** False: what is decided is not carried out. */
  isObeying = true;
  answeringSinceMs = 0;
  nowMs = START_MS;
  state: NodeHealthState = NEW_NODE_HEALTH;
  last: NodeHealthDecision = { next: NEW_NODE_HEALTH, actions: [], findings: [] };
  #outcomes: NodeOutcome[] = [];
  readonly #probedAtMs = new Map<string, number>();

  constructor(names: readonly string[], over: Partial<Policy> = {}) {
    this.policy = { ...DEFAULT_POLICY, ...over };
    for (const name of names) this.add(name);
  }

  get sinceStartMs(): number {
    return this.nowMs - START_MS;
  }

  add(name: string, over: Partial<NodeObservation> = {}): void {
    this.nodes.set(name, {
      name,
      createdAtMs: this.nowMs,
      isReady: true,
      bars: [],
      heartbeatAtMs: this.nowMs,
      addresses: ["10.0.0.1"],
      seats: 40,
      sessions: 10,
      diskFreeRatio: 0.5,
      memoryFreeRatio: 0.5,
      isReadOnly: false,
      hasScratchDisk: true,
      ...over,
    });
  }

  change(name: string, over: Partial<NodeObservation>): void {
    const node = this.nodes.get(name);
    if (node !== undefined) this.nodes.set(name, { ...node, ...over });
  }

  outcome(node: string, repoKey: string, isGood: boolean): void {
    const because = isGood ? null : "unreachable-after-start";
    this.#outcomes.push({ node, repoKey, atMs: this.nowMs, isGood, because });
  }

  /** One look every 5 s, and what it decides is done. */
  look(times = 1): readonly NodeAction[] {
    const actions: NodeAction[] = [];
    for (let i = 0; i < times; i += 1) {
      this.nowMs += 5_000;
      for (const name of this.nodes.keys()) {
        if (!this.dead.has(name)) this.change(name, { heartbeatAtMs: this.nowMs });
        if (!this.dead.has(name) && !this.silent.has(name)) this.#probedAtMs.set(name, this.nowMs);
      }
      this.last = decideNodeHealth(this.state, this.#observed(), this.policy, this.nowMs);
      this.#outcomes = [];
      this.state = this.last.next;
      for (const action of this.last.actions) {
        this.done.push(`${(this.nowMs - START_MS) / 1_000} s: ${action.kind} ${action.node}`);
        actions.push(action);
        if (this.isObeying) this.#obey(action);
      }
    }
    return actions;
  }

  /** `kind node` of what was decided in these looks. */
  kinds(times = 1): readonly string[] {
    return this.look(times).map(({ kind, node }) => `${kind} ${node}`);
  }

  found(): readonly string[] {
    return this.last.findings.map(short);
  }

  #observed() {
    return {
      nodes: [...this.nodes.values()],
      probes: [...this.#probedAtMs].map(([node, atMs]) => ({
        node,
        atMs,
        failures: (this.failing.get(node) ?? []).map((check) => ({ check, because: "timed out" })),
      })),
      outcomes: this.#outcomes,
      stuck: this.stuck,
      answeringSinceMs: this.answeringSinceMs,
      held: this.held,
    };
  }

  #obey(action: NodeAction): void {
    const { node } = action;
    switch (action.kind) {
      case "admit":
        return this.#bars(node, (bars) => bars.filter((bar) => bar !== "unproven"));
      case "release":
        return this.#bars(node, (bars) => bars.filter((bar) => bar !== "quarantined"));
      case "quarantine":
        return this.#bars(node, (bars) => [...bars, "quarantined"]);
      case "drain":
        return this.#bars(node, (bars) => [...bars, "draining"]);
      case "recycle":
        this.nodes.delete(node);
    }
  }

  #bars(name: string, change: (bars: readonly NodeBar[]) => readonly NodeBar[]): void {
    const bars = change(this.nodes.get(name)?.bars ?? []);
    this.change(name, { bars });
  }
}

function short({ cause, severity, subject }: Finding): string {
  return `${severity} ${cause} ${subject.name}`;
}
