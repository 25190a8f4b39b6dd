/** What a bench is: it measures beside an alternative and gives tables; it never judges. */

/** One line of a table: a thing, measured again and again. */
export interface Row {
  readonly what: string;
  readonly samples: readonly number[];
  /** What the project aims at, for the reader. */
  readonly aim?: string;
}

export interface Table {
  readonly title: string;
  readonly unit: string;
  /** Whether a smaller or a larger number is the better one. */
  readonly better: "less" | "more";
  /** `what` of the row that the others are compared with, or null. */
  readonly against: string | null;
  readonly rows: readonly Row[];
}

/** What a bench is given, and where it leaves word of what must be cleaned up. */
export interface Stage {
  /** How often each thing is measured. */
  readonly rounds: number;
  /** Aborted when the time is up or a person interrupts. */
  readonly signal: AbortSignal;
  /** Run at the end, whatever happens, the last one first. */
  readonly defer: (cleanUp: () => Promise<void> | void) => void;
  /** What it does now, for the person who waits. */
  readonly say: (line: string) => void;
}

export interface Bench {
  readonly name: string;
  readonly summary: string;
  readonly limitMs: number;
  readonly run: (stage: Stage) => Promise<readonly Table[]>;
}
