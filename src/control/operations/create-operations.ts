/** What operators see and do: the health of machines, the commands, the audit and the bookings. */
import { formatDuration } from "#base/units.ts";
import type { Finding } from "#core/incident/finding.ts";
import type { Actor, OperatorCommand } from "#core/operations/command.ts";
import type { Policy } from "#core/policy.ts";
import type { Clock } from "#ports/clock.ts";
import type { Cluster } from "#ports/cluster.ts";
import type { Components } from "#ports/components.ts";
import type { History } from "#ports/history.ts";
import type { Log } from "#ports/log.ts";
import type { SessionDriver } from "#ports/session-driver.ts";
import type { LoopView, Sessions } from "../control-plane-api.ts";
import { NodeHealth } from "../node-health.ts";
import type { RepoKeys } from "../repo-keys.ts";
import type { SessionRegistry } from "../session-registry.ts";
import { StartingSessions } from "../starting-sessions.ts";
import { AuditTrail } from "./audit-trail.ts";
import { Bookings } from "./bookings.ts";
import { operatorStatus, type StatusParts } from "./operator-status.ts";
import { Operations } from "./operations.ts";

export interface OperationsParts {
  readonly cluster: Cluster;
  readonly components?: Components | null;
  readonly driver: SessionDriver;
  readonly history: History;
  readonly clock: Clock;
  readonly log: Log;
  readonly policy: Policy;
  readonly registry: SessionRegistry;
  readonly repoKeys: RepoKeys;
  readonly loops: { view(): readonly LoopView[]; restart(name: string): boolean };
  readonly sessions: () => Sessions;
  /** Asked for only when somebody looks. */
  readonly status: () => Pick<
    StatusParts,
    "launches" | "seats" | "builds" | "ender" | "capacity"
  > & { readonly finders: readonly { findings(): readonly Finding[] }[] };
  /** Placeholders that a person wants from now on. */
  readonly keepPlaceholders?: (count: number) => void;
}

export interface OperationsRoom {
  readonly operations: Operations;
  readonly nodeHealth: NodeHealth;
  readonly bookings: Bookings;
  /** Does something as the machine; false when it was not done. */
  readonly act: (command: OperatorCommand, evidence: string) => Promise<boolean>;
  /** A loop stalled and was started again, by itself. */
  readonly noteLoopRestart: (loop: string, evidence: string) => void;
  /** Brings back what was done and booked before this start. */
  readonly restore: () => Promise<void>;
}

const MACHINE: Actor = { kind: "machine", incident: null };

export function createOperations(parts: OperationsParts): OperationsRoom {
  const { clock, history, log, loops, policy, registry, status } = parts;
  const sinceMs = clock.nowMs();
  const trail = new AuditTrail(history, policy.auditKeptMax);
  const bookings = new Bookings(policy.bookingsMax);
  const nodeHealth: NodeHealth = new NodeHealth({
    ...parts,
    starting: new StartingSessions(registry, parts.repoKeys, clock),
    execute: (command, evidence) => operations.execute(command, MACHINE, evidence),
  });
  const operations = new Operations({
    ...parts,
    sessions: { stop: (id) => parts.sessions().stop(id) },
    components: parts.components ?? null,
    bookings,
    trail,
    restartLoop: (name) => loops.restart(name),
    nodeCount: () => nodeHealth.nodes().length,
    hold: (node, isHeld) => nodeHealth.hold(node, isHeld),
    status: () => {
      const { finders, ...rest } = status();
      const all = [...finders, nodeHealth];
      const own = { clock, policy, nodeHealth, loops: () => loops.view(), finders: all };
      return operatorStatus({ ...rest, ...own }, sinceMs);
    },
  });
  return {
    operations,
    nodeHealth,
    bookings,
    act: async (command, evidence) =>
      (await operations.execute(command, MACHINE, evidence)).kind === "done",
    noteLoopRestart: (loop, evidence) =>
      trail.append({
        atMs: clock.nowMs(),
        command: { kind: "restart-loop", loop },
        actor: MACHINE,
        evidence,
        limit: `once in ${formatDuration(policy.loopLeaseMs)}`,
        outcome: { kind: "done", message: `the loop ${loop} is restarted` },
      }),
    restore: () => restore(trail, bookings, clock, log),
  };
}

/** Its loss stops nothing. */
async function restore(
  trail: AuditTrail,
  bookings: Bookings,
  clock: Clock,
  log: Log,
): Promise<void> {
  try {
    for (const { command, outcome } of await trail.restore()) {
      if (command.kind === "book" && outcome.kind === "done") bookings.add(command, clock.nowMs());
    }
  } catch (error) {
    log.warn("what operators did before cannot be read", { error });
  }
}
