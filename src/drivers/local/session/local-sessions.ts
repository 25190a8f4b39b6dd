/** What the local session driver is given, and what its parts share. */
import type { Policy } from "#core/policy.ts";
import type { ResolvedRepo } from "#core/repo/repo.ts";
import type { SessionId } from "#core/session/session.ts";
import type { Clock } from "#ports/clock.ts";
import type { Log } from "#ports/log.ts";
import type { Secrets } from "#ports/secrets.ts";
import type { ServerCommand, ServerRequest } from "../jupyter/server-command.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import type { SessionObserver } from "./observe-sessions.ts";
import type { SessionHints } from "./session-hints.ts";
import type { SessionPlaces } from "./session-places.ts";
import type { StartGate } from "./start-gate.ts";

export interface LocalSessionOptions {
  readonly dataDir: string;
  readonly sandbox: Sandbox;
  readonly policy: Policy;
  readonly clock: Clock;
  readonly secrets: Secrets;
  readonly log: Log;
  /**
   * Writes the commit's content into an empty directory, owned by the sandbox's user (parts that are
   * shared between sessions, such as hard-linked packs, excepted): the driver changes no owner.
   */
  readonly checkout: (repo: ResolvedRepo, directory: string, signal: AbortSignal) => Promise<void>;
  /** How the session's server is started. */
  readonly serverCommand: (
    wish: Omit<ServerRequest, "serverEnvironment" | "kernelIdleMs" | "allowOrigin">,
  ) => ServerCommand;
  /** Host directories outside /usr that hold interpreters of environments. */
  readonly interpreterDirectories: () => readonly string[];
  /** How often a keeper looks at the clock. */
  readonly keeperIntervalSeconds?: number;
}

/** What the parts of this driver share. */
export interface LocalSessions extends LocalSessionOptions {
  readonly gate: StartGate;
  readonly hints: SessionHints;
  readonly observer: SessionObserver;
  readonly places: (id: SessionId) => SessionPlaces;
}
