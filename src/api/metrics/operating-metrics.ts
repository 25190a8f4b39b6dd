/** What operators count: incidents, commands, canaries, machines. */
import { Counter, Gauge, type Registry } from "prom-client";
import type { Incident } from "#core/incident/incident.ts";
import { admits, type NodeObservation } from "#core/nodes/node.ts";
import type { OperatorStatus } from "#core/operations/status.ts";
import type { HistoryEntry } from "#ports/history.ts";
import type { CanaryOutcome } from "#ports/operator.ts";

const NODE_STATES = [
  "admitting",
  "not-ready",
  "unproven",
  "quarantined",
  "cordoned",
  "draining",
] as const;

export class OperatingMetrics {
  readonly #incidents: Gauge<"cause" | "state">;
  readonly #commands: Counter<"command" | "by" | "outcome">;
  readonly #canaries: Counter<"kind" | "outcome">;
  readonly #nodes: Gauge<"state">;
  readonly #waiting: Gauge;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#incidents = new Gauge({
      name: "bindery_incidents",
      help: "Incidents that are not over, by what is wrong.",
      labelNames: ["cause", "state"],
      registers,
    });
    this.#commands = new Counter({
      name: "bindery_commands_total",
      help: "Commands of operators, and of the machine in their place.",
      labelNames: ["command", "by", "outcome"],
      registers,
    });
    this.#canaries = new Counter({
      name: "bindery_canaries_total",
      help: "Launches and builds of our own.",
      labelNames: ["kind", "outcome"],
      registers,
    });
    this.#nodes = new Gauge({
      name: "bindery_nodes",
      help: "Machines that take sessions, and those that do not, by why.",
      labelNames: ["state"],
      registers,
    });
    this.#waiting = new Gauge({
      name: "bindery_waiting",
      help: "Launches that wait for a seat.",
      registers,
    });
  }

  countCommand({ action, by, outcome }: Extract<HistoryEntry, { kind: "action" }>): void {
    this.#commands.inc({ command: action, by, outcome });
  }

  countCanary({ isGreen, kind }: Pick<CanaryOutcome, "isGreen" | "kind">): void {
    this.#canaries.inc({ kind, outcome: isGreen ? "green" : "red" });
  }

  /** `status`: null when the control plane does not say. */
  look(incidents: readonly Incident[], status: OperatorStatus | null): void {
    this.#incidents.reset();
    for (const { cause, state } of incidents) {
      if (state !== "resolved") this.#incidents.inc({ cause, state });
    }
    if (status === null) return;
    this.#waiting.set(status.seats.waiting);
    const counts = new Map<string, number>(NODE_STATES.map((state) => [state, 0]));
    for (const { node } of status.nodes) {
      const state = stateOf(node);
      counts.set(state, (counts.get(state) ?? 0) + 1);
    }
    for (const [state, count] of counts) this.#nodes.set({ state }, count);
  }
}

function stateOf(node: NodeObservation): (typeof NODE_STATES)[number] {
  if (admits(node)) return "admitting";
  return node.bars[0] ?? "not-ready";
}
