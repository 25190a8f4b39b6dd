/** What happened, append-only and off the critical path: losing it stops no launch. */

export type HistoryEntry =
  | {
      readonly kind: "launch";
      readonly atMs: number;
      readonly launchId: string;
      readonly provider: string;
      readonly spec: string;
      readonly ref: string | null;
      readonly commit: string | null;
      readonly outcome: "ready" | "failed";
      readonly code: string | null;
      /** Starts of a server for it; null in what was written before they were counted. */
      readonly attempts: number | null;
      readonly durationMs: number;
    }
  | {
      readonly kind: "build";
      readonly atMs: number;
      readonly key: string;
      readonly outcome: "built" | "failed";
      readonly code: string | null;
      readonly durationMs: number;
    }
  | {
      readonly kind: "session";
      readonly atMs: number;
      readonly sessionId: string;
      readonly end: string;
      readonly durationMs: number;
    }
  | {
      /** What an operator did, or the machine in an operator's place; refused commands too. */
      readonly kind: "action";
      readonly atMs: number;
      /** The kind of the command. */
      readonly action: string;
      /** All of the command, as JSON. */
      readonly command: string;
      readonly by: "person" | "machine";
      /** The person, or the incident; null for neither. */
      readonly name: string | null;
      readonly evidence: string;
      readonly limit: string;
      readonly outcome: "done" | "refused" | "failed";
      readonly message: string;
    };

export interface History {
  /** Never throws and never waits for the disk; what cannot be written is counted and logged. */
  append(entry: HistoryEntry): void;
  /** Newest first. */
  recent(kind: HistoryEntry["kind"], limit: number): Promise<readonly HistoryEntry[]>;
}
