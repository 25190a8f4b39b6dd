/** An environment that exists: made once per key, shared read-only by any number of sessions. */

/** 64 hex digits; see `Plan.key`. */
export type EnvironmentKey = string;

export interface Environment {
  readonly key: EnvironmentKey;
  readonly builtAtMs: number;
  readonly lastUsedAtMs: number;
  readonly sizeBytes: number;
  readonly buildDurationMs: number;
  /** Full version of the interpreter, e.g. `3.11.2`. */
  readonly pythonVersion: string;
  /** Which server the sessions of this environment run; decided by the plan and by what was installed. */
  readonly server: "generic" | "environment";
  readonly serverBecause: string;
  /** Address of the first repository that it was built for, for people. */
  readonly builtFor: string;
}
