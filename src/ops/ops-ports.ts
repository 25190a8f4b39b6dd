/** What the watch is given, and what it tells. */
import type { Finding } from "#core/incident/finding.ts";
import type { IncidentChange } from "#core/incident/decide-incidents.ts";
import type {
  Actor,
  AuditRecord,
  CommandOutcome,
  OperatorCommand,
} from "#core/operations/command.ts";
import type { Incident } from "#core/incident/incident.ts";
import type { Clock } from "#ports/clock.ts";
import type { Components } from "#ports/components.ts";
import type { Log } from "#ports/log.ts";
import type { CanaryDoor, CanaryOutcome, OperatorDoor } from "#ports/operator.ts";
import type { Pager, Quotas, Upstreams } from "#ports/platform.ts";

export type OpsChange =
  | ({ readonly kind: "incident" } & IncidentChange)
  /** Not those that the control plane executed: they stand in its own audit. */
  | { readonly kind: "action"; readonly record: AuditRecord }
  | { readonly kind: "canary"; readonly outcome: CanaryOutcome };

/** A part of ops with findings and commands of its own: certificates, releases, members. */
export interface OpsPart {
  findings(nowMs: number): Promise<readonly Finding[]>;
  /** Null: this command is not its own. */
  execute(command: OperatorCommand): Promise<CommandOutcome> | null;
  /** `kind:name` of what it keeps work away from: an incident about that is mitigated. */
  aside?(): readonly string[];
}

export interface OpsPorts {
  readonly door: OperatorDoor;
  readonly canary: CanaryDoor;
  readonly components: Components | null;
  readonly quotas: Quotas | null;
  /** Left out or null: nothing stands in for a host. */
  readonly upstreams?: Upstreams | null;
  readonly pager: Pager;
  readonly clock: Clock;
  readonly log: Log;
  readonly extra: readonly OpsPart[];
  readonly onChange: (change: OpsChange) => void;
  /** Incidents from before this start, oldest first. */
  readonly before?: readonly Incident[];
}

export interface Ops {
  start(): void;
  stop(): void;
  /** Oldest first. */
  incidents(): readonly Incident[];
  /** What was executed here, newest first; the control plane has its own. */
  audit(limit?: number): readonly AuditRecord[];
  /** One door for all commands: by ops itself, by its parts, or by the control plane. */
  execute(command: OperatorCommand, actor: Actor, evidence: string): Promise<CommandOutcome>;
}
