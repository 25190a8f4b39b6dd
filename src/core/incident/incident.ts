/** One fault's life: opened by a finding, acted upon, resolved by a rule, and reopened by itself. */
import type { OperatorCommand } from "../operations/command.ts";
import type { Cause, Severity, Subject } from "./finding.ts";

export type IncidentState = "open" | "mitigated" | "resolved";

export type IncidentEntry =
  | { readonly kind: "found"; readonly atMs: number; readonly evidence: string }
  | {
      readonly kind: "acted";
      readonly atMs: number;
      readonly command: OperatorCommand;
      readonly by: string;
      readonly outcome: string;
    }
  | { readonly kind: "paged"; readonly atMs: number; readonly because: string }
  /** What was found is not found any more; the watch before "resolved" begins. */
  | { readonly kind: "gone"; readonly atMs: number }
  | { readonly kind: "resolved"; readonly atMs: number; readonly because: string }
  | { readonly kind: "reopened"; readonly atMs: number; readonly evidence: string };

export interface Incident {
  readonly id: string;
  readonly cause: Cause;
  readonly subject: Subject;
  readonly severity: Severity;
  readonly state: IncidentState;
  readonly openedAtMs: number;
  /** Since when its finding was not found any more, or null. */
  readonly goneSinceMs: number | null;
  readonly resolvedAtMs: number | null;
  /** Other incidents that have the same root, as far as can be told. */
  readonly relatedTo: readonly string[];
  readonly timeline: readonly IncidentEntry[];
}
