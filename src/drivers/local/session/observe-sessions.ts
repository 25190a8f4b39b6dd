/** Sees sessions as they are on disk and in /proc, cheaply: it is asked every few seconds for all. */
import { readdirSync, statSync } from "node:fs";
import type { ObservedSession, SessionId, SessionState } from "#core/session/session.ts";
import type { Clock } from "#ports/clock.ts";
import { readCgroup, scopeDirectory } from "../sandbox/cgroups.ts";
import { readKeeper } from "./keeper.ts";
import { childrenOf, isAlive, type ProcessIdentity } from "./process-identity.ts";
import {
  isSessionId,
  isSocket,
  type SessionPlaces,
  sessionPlaces,
  sessionsDirectory,
} from "./session-places.ts";
import {
  readExit,
  readIfThere,
  readStored,
  type StoredExit,
  type StoredSession,
} from "./stored-session.ts";

/** Between the record and the keeper's first breath; afterwards a session without keeper was killed. */
const START_GRACE_MS = 20_000;

interface Known {
  /** Changes with every writing of the record. */
  readonly version: string;
  readonly stored: StoredSession;
  keeper: ProcessIdentity | null;
  hasSocket: boolean;
  exit: StoredExit | null;
  scope: readonly string[] | null;
}

export interface SeenSession {
  readonly stored: StoredSession;
  readonly state: SessionState;
  readonly exit: StoredExit | null;
  /** The first one counts memory. */
  readonly cgroupDirectories: readonly string[];
}

export interface SessionObserver {
  ids(): readonly SessionId[];
  /** Null when there is no such session. */
  see(id: SessionId): SeenSession | null;
}

export function observeSessions(parts: {
  readonly dataDir: string;
  readonly clock: Clock;
  /** True when a session without a keeper is on its way to one, however long that takes. */
  readonly isBeingStarted: (id: SessionId) => boolean;
}): SessionObserver {
  const known = new Map<SessionId, Known>();
  const root = sessionsDirectory(parts.dataDir);
  return {
    ids: () => {
      const ids = readdirSync(root).filter(isSessionId);
      const here = new Set(ids);
      for (const id of known.keys()) if (!here.has(id)) known.delete(id);
      return ids;
    },
    see: (id) => {
      if (!isSessionId(id)) return null;
      const places = sessionPlaces(parts.dataDir, id);
      const seen = refresh(known.get(id), places);
      if (seen === null) {
        known.delete(id);
        return null;
      }
      known.set(id, seen);
      const isExpected = parts.isBeingStarted(id) || isYoung(seen, parts.clock.nowMs());
      const state = stateOf(seen, places, isExpected);
      const { exit, stored } = seen;
      return { state, stored, exit, cgroupDirectories: groupsOf(seen, id) };
    },
  };
}

/** One machine is a cluster of one. */
const THE_NODE = "local";

/** The port's view, with what only the driver asks for. */
export function observedSession(seen: SeenSession, places: SessionPlaces): ObservedSession {
  const { exit, state, stored } = seen;
  const { record } = stored;
  const use =
    state.kind === "ended"
      ? { memoryBytes: null, outOfMemoryKills: exit?.outOfMemoryKills ?? 0 }
      : readCgroup(seen.cgroupDirectories);
  const lastActivityAtMs =
    statSync(places.activity, { throwIfNoEntry: false })?.mtimeMs ??
    record.claimedAtMs ??
    record.createdAtMs;
  return { record, state, lastActivityAtMs, node: THE_NODE, ...use };
}

/** Reads again only what may have changed. */
function refresh(before: Known | undefined, places: SessionPlaces): Known | null {
  const stats = statSync(places.record, { throwIfNoEntry: false });
  if (stats === undefined) return null;
  const version = `${stats.ino} ${stats.mtimeMs}`;
  if (before?.version === version) return before;
  const stored = readStored(places);
  if (stored === null) return null;
  // What was started anew has another keeper too.
  return { version, stored, keeper: null, hasSocket: false, exit: null, scope: null };
}

function stateOf(seen: Known, places: SessionPlaces, isExpected: boolean): SessionState {
  if (seen.exit === null) {
    // The keeper is looked at first: it writes its exit before it goes.
    seen.keeper ??= readKeeper(places);
    if (seen.keeper !== null && isAlive(seen.keeper)) {
      seen.hasSocket ||= isSocket(places.socket);
      return seen.hasSocket ? { kind: "running" } : { kind: "starting" };
    }
    seen.exit = readExit(places);
    if (seen.exit === null && seen.keeper === null && isExpected) return { kind: "starting" };
  }
  const { end, exitCode } = seen.exit ?? { end: "killed" as const, exitCode: null };
  return { kind: "ended", end, exitCode };
}

/** Made by us before the start, or by systemd in the course of it. */
function groupsOf(seen: Known, id: SessionId): readonly string[] {
  const { cgroupDirectories, isInScope } = seen.stored;
  if (!isInScope || seen.scope !== null) return seen.scope ?? cgroupDirectories;
  const child = seen.keeper === null ? undefined : childrenOf(seen.keeper.pid)[0];
  const cgroup = child === undefined ? null : readIfThere(`/proc/${child}/cgroup`);
  const directory = cgroup === null ? null : scopeDirectory(cgroup, id);
  if (directory !== null) seen.scope = [directory];
  return seen.scope ?? [];
}

/** The clock may have jumped since: then a session without a keeper is soon seen as what it is. */
function isYoung(seen: Known, nowMs: number): boolean {
  return Math.abs(nowMs - seen.stored.record.createdAtMs) < START_GRACE_MS;
}
