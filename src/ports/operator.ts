/** The door for operators: what a person has by the API and the CLI, and what `ops` has, no more. */
import type {
  Actor,
  AuditRecord,
  CommandOutcome,
  OperatorCommand,
} from "#core/operations/command.ts";
import type { OperatorStatus } from "#core/operations/status.ts";

export interface OperatorDoor {
  /** Rejects when the control plane does not answer; the caller sets its own limit of time. */
  status(): Promise<OperatorStatus>;
  /** Keeps the limits of automatic actions; a person's commands are only guarded. Writes the audit. */
  execute(command: OperatorCommand, actor: Actor, evidence: string): Promise<CommandOutcome>;
  /** Newest first. */
  audit(limit: number): Promise<readonly AuditRecord[]>;
}

export type CanaryKind = "launch" | "build";

export interface CanaryOutcome {
  readonly kind: CanaryKind;
  readonly isGreen: boolean;
  readonly durationMs: number;
  /** The node that it ran on, when one is known. */
  readonly node: string | null;
  readonly because: string | null;
}

/** A launch made by us, through the same door that people use, to its session's own URL and away. */
export interface CanaryDoor {
  /** Calls `heard` whenever the launch is told something. */
  run(kind: CanaryKind, heard: () => void): Promise<CanaryOutcome>;
}
