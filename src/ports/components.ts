/** Bindery's own processes: control planes, edge replicas and what runs beside them. */

export type ComponentRole = "control" | "edge" | "builder" | "metrics" | "other";

export interface ComponentObservation {
  readonly name: string;
  readonly role: ComponentRole;
  readonly node: string | null;
  readonly isReady: boolean;
  readonly startedAtMs: number;
  readonly restarts: number;
  readonly release: string;
  /** Null where the platform cannot tell. */
  readonly memoryBytes: number | null;
  readonly handles: number | null;
  /** 99th percentile of the event loop's lag over the last 10 s. */
  readonly loopLagMs: number | null;
  /** Edge replicas: what a request through just this replica said. Null: not asked. */
  readonly answers: boolean | null;
  /** Of several control planes, the one that decides; where that is not known, nobody says it. */
  readonly isLeading?: boolean;
}

export interface Components {
  list(): Promise<readonly ComponentObservation[]>;
  /** Ends the process and lets it be started again. Idempotent while it restarts. */
  restart(name: string): Promise<void>;
  /** One more replica of the role, not on these nodes. */
  surge(role: ComponentRole, avoidNodes: readonly string[]): Promise<void>;
}
