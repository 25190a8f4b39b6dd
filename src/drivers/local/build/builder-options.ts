/** What the local builder is given. */
import type { Policy } from "#core/policy.ts";
import type { Clock } from "#ports/clock.ts";
import type { Log } from "#ports/log.ts";
import type { RepoSource } from "#ports/repo-source.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import type { PythonOutcome } from "../tools/ensure-python.ts";
import type { HostEnvironment } from "../tools/run-program.ts";

export interface LocalBuilderOptions {
  readonly dataDir: string;
  readonly sandbox: Sandbox;
  readonly uvPath: string;
  /** The interpreter for a version; `wanted` is `3.12`, `3.12.4` or null for the default. */
  readonly findPython: (wish: {
    readonly wanted: string | null;
    readonly signal: AbortSignal;
    readonly onProgress: (line: string) => void;
  }) => Promise<PythonOutcome>;
  /** The directory of the rattler library. Throws `tool-missing` or `index-unreachable`. */
  readonly findRattler: (wish: {
    readonly signal: AbortSignal;
    readonly onProgress: (line: string) => void;
  }) => Promise<string>;
  /**
   * Writes the commit's content into an empty directory, owned by the sandbox's user (parts that are
   * shared, such as hard-linked packs, excepted).
   */
  readonly checkout: RepoSource["checkout"];
  /** The variables with which Bindery was started: settings of indexes and proxies are found by them. */
  readonly env: HostEnvironment;
  readonly policy: Policy;
  readonly clock: Clock;
  readonly log: Log;
  /**
   * Opens a filtered way out at `egress.sock` in a private directory, for steps that run code of
   * repositories; `hosts` (the configured indexes) are allowed in addition to what sessions may
   * reach. Returns how to close it. Absent: such steps have no network.
   */
  readonly egress?: (
    directory: string,
    hosts: readonly string[],
  ) => Promise<() => void | Promise<void>>;
}
