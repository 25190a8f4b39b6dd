/** Looks at the machines every few seconds, and has done what their health asks for. */
import { formatDuration } from "#base/units.ts";
import type { Finding } from "#core/incident/finding.ts";
import { decideNodeHealth } from "#core/nodes/decide-node-health.ts";
import {
  admits,
  type NodeObservation,
  type NodeOutcome,
  type NodeProbe,
} from "#core/nodes/node.ts";
import {
  NEW_NODE_HEALTH,
  type NodeAction,
  type NodeHealthState,
  type NodesObserved,
} from "#core/nodes/node-health.ts";
import type { CommandOutcome, OperatorCommand } from "#core/operations/command.ts";
import type { NodeStatus } from "#core/operations/status.ts";
import type { Policy } from "#core/policy.ts";
import type { Clock } from "#ports/clock.ts";
import type { Cluster } from "#ports/cluster.ts";
import type { Log } from "#ports/log.ts";
import type { StartingSessions } from "./starting-sessions.ts";

export interface NodeHealthDeps {
  readonly cluster: Cluster;
  readonly starting: StartingSessions;
  readonly clock: Clock;
  readonly log: Log;
  readonly policy: Policy;
  /** As the machine, within its limits, and written down. */
  readonly execute: (command: OperatorCommand, evidence: string) => Promise<CommandOutcome>;
}

/** Outcomes that wait for the next look; more of them say nothing new. */
const OUTCOMES_MAX = 1_000;
/** A heart that stopped before the start of the control plane needs less time to be believed. */
const START_CREDIT = 0.5;

export class NodeHealth {
  readonly #deps: NodeHealthDeps;
  readonly #held = new Set<string>();
  #state: NodeHealthState = NEW_NODE_HEALTH;
  #nodes: readonly NodeObservation[] = [];
  #probes: ReadonlyMap<string, NodeProbe> = new Map();
  #findings: readonly Finding[] = [];
  #outcomes: NodeOutcome[] = [];
  #answeringSinceMs: number;
  #unreachable: {
    readonly sinceMs: number;
    readonly rounds: number;
    readonly because: string;
  } | null = null;
  /** What was refused or failed, by node: a person has to know. */
  readonly #undone = new Map<string, string>();

  constructor(deps: NodeHealthDeps) {
    this.#deps = deps;
    const credit = deps.policy.nodeHeartbeatMaxMs * START_CREDIT;
    const sinceMs = deps.clock.nowMs() - credit;
    this.#answeringSinceMs = Number.isFinite(sinceMs) ? sinceMs : 0;
  }

  /** How one start of a session on a node went. */
  noteOutcome(outcome: NodeOutcome): void {
    if (this.#outcomes.length < OUTCOMES_MAX) this.#outcomes.push(outcome);
  }

  /** A person put the node aside, or took it back: the machine leaves it so. */
  hold(node: string, isHeld: boolean): void {
    if (isHeld) this.#held.add(node);
    else this.#held.delete(node);
  }

  /** As last seen. */
  nodes(): readonly NodeObservation[] {
    return this.#nodes;
  }

  /** Its last probe was not good: while that is so it will not be proven. */
  isFailing(node: string): boolean {
    return (this.#probes.get(node)?.failures.length ?? 0) > 0;
  }

  admittingNodes(): readonly NodeObservation[] {
    return this.#nodes.filter(admits);
  }

  views(): readonly NodeStatus[] {
    return this.#nodes.map((node) => ({
      node,
      probe: this.#probes.get(node.name) ?? null,
      health: this.#state.nodes.get(node.name)?.health ?? "not looked at yet",
    }));
  }

  findings(): readonly Finding[] {
    const outage = this.#outage();
    return outage === null ? this.#findings : [outage, ...this.#findings];
  }

  async round(isCurrent: () => boolean): Promise<void> {
    const { clock, log } = this.#deps;
    const looked = await this.#look();
    if (!isCurrent()) return;
    const nowMs = clock.nowMs();
    if (looked.kind === "rejected") {
      const { because } = looked;
      const { rounds = 0, sinceMs = nowMs } = this.#unreachable ?? {};
      this.#unreachable = { sinceMs, because, rounds: rounds + 1 };
      log.warn("the cluster does not answer", { because });
      return;
    }
    if (this.#unreachable !== null) {
      this.#unreachable = null;
      this.#answeringSinceMs = nowMs;
    }
    await this.#decide(looked.nodes, looked.probes, nowMs, isCurrent);
  }

  async #look(): Promise<
    | {
        readonly kind: "seen";
        readonly nodes: readonly NodeObservation[];
        readonly probes: readonly NodeProbe[];
      }
    | { readonly kind: "rejected"; readonly because: string }
  > {
    const { cluster } = this.#deps;
    try {
      const [nodes, probes] = await Promise.all([cluster.nodes(), cluster.probes()]);
      return { kind: "seen", nodes, probes };
    } catch (error) {
      return { kind: "rejected", because: error instanceof Error ? error.message : String(error) };
    }
  }

  async #decide(
    nodes: readonly NodeObservation[],
    probes: readonly NodeProbe[],
    nowMs: number,
    isCurrent: () => boolean,
  ): Promise<void> {
    const { policy, starting } = this.#deps;
    const observed: NodesObserved = {
      nodes,
      probes,
      outcomes: this.#outcomes,
      stuck: starting.stuck(policy.nodeStuckMs, nowMs),
      answeringSinceMs: this.#answeringSinceMs,
      held: this.#held,
    };
    this.#outcomes = [];
    const decision = decideNodeHealth(this.#state, observed, policy, nowMs);
    this.#state = decision.next;
    this.#nodes = nodes;
    this.#probes = new Map(probes.map((probe) => [probe.node, probe]));
    this.#forgetGone();
    for (const action of decision.actions) {
      if (!isCurrent()) return;
      await this.#carryOut(action);
    }
    this.#findings = decision.findings.map((finding) => this.#withUndone(finding));
  }

  #forgetGone(): void {
    if (this.#held.size === 0 && this.#undone.size === 0) return;
    const names = new Set(this.#nodes.map(({ name }) => name));
    for (const name of this.#held) if (!names.has(name)) this.#held.delete(name);
    for (const name of this.#undone.keys()) if (!names.has(name)) this.#undone.delete(name);
  }

  async #carryOut(action: NodeAction): Promise<void> {
    const { cluster, execute, log } = this.#deps;
    const { because, node } = action;
    if (action.kind === "admit") {
      // A node that joins is no incident, and to let it in is no remedy.
      try {
        await cluster.unbar(node, "unproven");
        log.info("a node takes sessions from now on", { node, because });
      } catch (error) {
        log.warn("a node could not be admitted", { node, error });
      }
      return;
    }
    const outcome = await execute(commandOf(action), because);
    if (outcome.kind === "done") this.#undone.delete(node);
    else this.#undone.set(node, `${action.kind} ${outcome.kind}: ${outcome.because}`);
  }

  /** What the machine may not do, or could not, is a person's matter. */
  #withUndone(finding: Finding): Finding {
    const undone = this.#undone.get(finding.subject.name);
    if (undone === undefined || finding.subject.kind !== "node" || finding.severity === "note") {
      return finding;
    }
    return { ...finding, severity: "page", evidence: `${finding.evidence} ${undone}.` };
  }

  #outage(): Finding | null {
    // One refusal is an accident.
    if (this.#unreachable === null || this.#unreachable.rounds < 2) return null;
    const { because, rounds, sinceMs } = this.#unreachable;
    const silence = formatDuration(this.#deps.clock.nowMs() - sinceMs);
    return {
      cause: "cluster-api-unreachable",
      subject: { kind: "cluster", name: "cluster" },
      severity: "act",
      evidence: `The cluster's API refused ${rounds} looks in a row, for ${silence}: ${because}; nothing is decided about nodes.`,
      sinceMs,
    };
  }
}

function commandOf(action: Exclude<NodeAction, { kind: "admit" }>): OperatorCommand {
  const { node } = action;
  switch (action.kind) {
    case "quarantine":
      return { kind: "quarantine-node", node };
    case "release":
      return { kind: "release-node", node };
    case "drain":
      return { kind: "drain-node", node };
    case "recycle":
      return { kind: "recycle-node", node };
  }
}
