/** What detection looks at: all of it measured elsewhere, some of it missing when a part is silent. */
import type { Finding, Subject } from "../incident/finding.ts";
import type { OperatorStatus } from "../operations/status.ts";
import type { CanaryFacts } from "./canaries.ts";

/** One of Bindery's own processes. */
export interface ComponentLook {
  readonly name: string;
  readonly role: "control" | "edge" | "builder" | "metrics" | "other";
  readonly node: string | null;
  readonly isReady: boolean;
  readonly startedAtMs: number;
  readonly restarts: number;
  readonly release: string;
  readonly memoryBytes: number | null;
  readonly handles: number | null;
  readonly loopLagMs: number | null;
  readonly answers: boolean | null;
  /** Of several control planes, the one that decides; where that is not known, nobody says it. */
  readonly isLeading?: boolean;
}

export interface QuotaLook {
  readonly name: string;
  readonly used: number;
  readonly hard: number;
  readonly listed: number;
  /** Since the last look. */
  readonly refusals: number;
}

export interface Observed {
  /** Null: the control plane did not answer. */
  readonly status: OperatorStatus | null;
  /** Null: there are none to look at, or they could not be listed. */
  readonly components: readonly ComponentLook[] | null;
  readonly quotas: readonly QuotaLook[] | null;
  readonly canaries: CanaryFacts;
  /** When a control plane was last restarted by us; it is given time to come up. */
  readonly controlRestartedAtMs: number | null;
  /** Hosts that builds go around. */
  readonly fallbacks: ReadonlySet<string>;
  /** Found by others: certificates, releases, members. */
  readonly extraFindings: readonly Finding[];
}

export interface Detected<Memory> {
  readonly memory: Memory;
  readonly findings: readonly Finding[];
}

const CONTROL: Subject = { kind: "component", name: "control" };

/** The control plane that decides, or one that would: a replica's name is no stable subject. */
export const controlSubject = CONTROL;
