/** Where the files of one session are. */
import { lstatSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { SessionId } from "#core/session/session.ts";

/** Anything else never reaches a path. */
const SESSION_ID = /^[a-z0-9][a-z0-9-]{3,62}$/;

export function isSessionId(text: string): boolean {
  return SESSION_ID.test(text);
}

export interface SessionPlaces {
  readonly directory: string;
  readonly record: string;
  readonly activity: string;
  readonly log: string;
  readonly exit: string;
  readonly keeper: string;
  readonly endsAt: string;
  readonly idleSeconds: string;
  readonly stopAs: string;
  readonly arguments: string;
  readonly cgroups: string;
  /** Content that is on its way into home. */
  readonly staging: string;
  /** Belongs to the session: nothing in it is trusted. */
  readonly home: string;
  /** Belongs to the session too. */
  readonly run: string;
  readonly socket: string;
  /** Read-only for the session. */
  readonly give: string;
  readonly egressSocket: string;
}

export function sessionsDirectory(dataDir: string): string {
  return join(dataDir, "sessions");
}

export function sessionPlaces(dataDir: string, id: SessionId): SessionPlaces {
  const directory = join(sessionsDirectory(dataDir), id);
  const give = join(directory, "give");
  const run = join(directory, "run");
  return {
    directory,
    record: join(directory, "record.json"),
    activity: join(directory, "activity"),
    log: join(directory, "log"),
    exit: join(directory, "exit.json"),
    keeper: join(directory, "keeper"),
    endsAt: join(directory, "ends-at"),
    idleSeconds: join(directory, "idle-seconds"),
    stopAs: join(directory, "stop-as"),
    arguments: join(directory, "arguments"),
    cgroups: join(directory, "cgroups"),
    staging: join(directory, "content"),
    home: join(directory, "home"),
    run,
    socket: join(run, "server.sock"),
    give,
    egressSocket: join(give, "egress.sock"),
  };
}

/** Whole or not at all, for readers at any moment. */
export function writeWhole(path: string, text: string, mode = 0o600): void {
  const half = `${path}.half`;
  writeFileSync(half, text, { mode });
  renameSync(half, path);
}

/** A link in its place is no socket. */
export function isSocket(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSocket() ?? false;
}
