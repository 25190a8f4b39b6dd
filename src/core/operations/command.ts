/** What an operator can do, by hand or by machine: the same commands, limits and audit for both. */
import type { Cause } from "../incident/finding.ts";

export type OperatorCommand =
  | { readonly kind: "quarantine-node"; readonly node: string }
  | { readonly kind: "release-node"; readonly node: string }
  | { readonly kind: "cordon-node"; readonly node: string; readonly isForced: boolean }
  | { readonly kind: "uncordon-node"; readonly node: string }
  | { readonly kind: "drain-node"; readonly node: string }
  /** Fences the machine, deletes it, and lets the cluster make another. */
  | { readonly kind: "recycle-node"; readonly node: string }
  | { readonly kind: "set-nodes-max"; readonly nodesMax: number }
  | { readonly kind: "set-placeholders"; readonly count: number }
  /** Seats that will be needed at a known time. */
  | {
      readonly kind: "book";
      readonly repo: string;
      readonly seats: number;
      readonly fromMs: number;
      readonly untilMs: number;
    }
  | { readonly kind: "restart-loop"; readonly loop: string }
  | { readonly kind: "restart-component"; readonly component: string }
  /** One more replica, away from the nodes that are named. */
  | {
      readonly kind: "surge-component";
      readonly role: string;
      readonly avoidNodes: readonly string[];
    }
  | {
      readonly kind: "submit-release";
      readonly release: string;
      /** Goes on while other releases wait for an incident to pass. */
      readonly isEmergency?: boolean;
    }
  | { readonly kind: "rollback-release"; readonly stage: "staging" | "production" }
  | { readonly kind: "shift-member"; readonly member: string; readonly weight: number }
  | { readonly kind: "repair-quota"; readonly quota: string }
  | { readonly kind: "renew-certificate"; readonly host: string }
  | { readonly kind: "use-fallback"; readonly host: string; readonly isOn: boolean }
  | { readonly kind: "stop-session"; readonly session: string }
  /** Ends sessions without activity for this long; never one at work. */
  | { readonly kind: "cull"; readonly idleMs: number }
  /** Changes nothing: somebody says what they think is wrong with what. */
  | { readonly kind: "declare"; readonly cause: Cause; readonly subject: string };

export type CommandKind = OperatorCommand["kind"];

/** Who gives a command: a person by name, or the machine for an incident. */
export type Actor =
  | { readonly kind: "person"; readonly name: string }
  | { readonly kind: "machine"; readonly incident: string | null };

export type CommandOutcome =
  | { readonly kind: "done"; readonly message: string }
  | { readonly kind: "refused"; readonly because: string }
  | { readonly kind: "failed"; readonly because: string };

/** Append-only: everything that was done about anything, and why. */
export interface AuditRecord {
  readonly atMs: number;
  readonly command: OperatorCommand;
  readonly actor: Actor;
  /** What it rests on, in a sentence with numbers. */
  readonly evidence: string;
  /** The limit that was kept: `1 node in 10 minutes (0 so far)`. */
  readonly limit: string;
  readonly outcome: CommandOutcome;
}
