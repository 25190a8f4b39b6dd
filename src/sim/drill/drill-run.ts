/** One run of a drill: what was asked for, and what came of it. */
import type { WorldRecord } from "../world/records.ts";

export interface RunOptions {
  readonly seed: number;
  /** Names of PROTECTIONS that are switched off. */
  readonly without: readonly string[];
  /** The same people and the same world, but none of the drill's events that are faults. */
  readonly isControlRun?: boolean;
}

export interface DrillRun {
  /** In order of time; `atMs` is the virtual wall clock, which begins at `drill.starts.atMs`. */
  readonly records: readonly WorldRecord[];
  readonly traceHash: string;
  readonly virtualMs: number;
  readonly realMs: null;
  /** Violated invariants, each a sentence with its virtual time; empty when all held. */
  readonly invariants: readonly string[];
}
