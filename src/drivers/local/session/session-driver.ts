/** Sessions as processes of this machine, each with its record beside it. */
import { mkdirSync } from "node:fs";
import type { ObservedSession, SessionId } from "#core/session/session.ts";
import type { ClaimOutcome, SessionDriver } from "#ports/session-driver.ts";
import { claimServer } from "./claim-server.ts";
import { watchDisk } from "./disk-watch.ts";
import { giveNotice } from "./give-files.ts";
import { endKeeper } from "./keeper.ts";
import { noteActivity, writeEnd } from "./keeper-files.ts";
import type { LocalSessionOptions, LocalSessions } from "./local-sessions.ts";
import { observedSession, observeSessions } from "./observe-sessions.ts";
import { removeSession, sweepRemoved } from "./remove-session.ts";
import { askServer, isServerBusy, type ServerAnswer } from "./server-client.ts";
import { SessionHints } from "./session-hints.ts";
import { readLogEnd } from "./session-log.ts";
import {
  isSessionId,
  type SessionPlaces,
  sessionPlaces,
  sessionsDirectory,
} from "./session-places.ts";
import { StartGate } from "./start-gate.ts";
import { startSession } from "./start-session.ts";
import { readStored, type StoredSession, writeStored } from "./stored-session.ts";

const QUESTION_TIMEOUT_MS = 3_000;

export function createLocalSessionDriver(options: LocalSessionOptions): SessionDriver {
  const { clock, dataDir, log } = options;
  const starting = new Map<SessionId, Promise<void>>();
  const ending = new Map<SessionId, Promise<void>>();
  const claiming = new Map<string, Promise<ClaimOutcome>>();
  const hints = new SessionHints(options);
  const observer = observeSessions({ dataDir, clock, isBeingStarted: (id) => starting.has(id) });
  const places = (id: SessionId): SessionPlaces => sessionPlaces(dataDir, id);
  const shared: LocalSessions = { ...options, gate: new StartGate(), hints, observer, places };
  mkdirSync(sessionsDirectory(dataDir), { recursive: true, mode: 0o711 });
  sweepRemoved(dataDir, log);

  const once = async (
    running: Map<SessionId, Promise<void>>,
    id: SessionId,
    work: () => Promise<void>,
  ): Promise<void> => {
    await onceAtATime(running, id, work);
    hints.tell(id);
  };
  const stop: SessionDriver["stop"] = async (id, end) => {
    // What is on its way cannot be ended: it would start afterwards. How it goes is its caller's news.
    await starting.get(id)?.catch(() => undefined);
    const stored = storedOf(id, places);
    if (stored === null) return;
    await once(ending, id, () => endKeeper(places(id), end, stored.cgroupDirectories));
  };
  const look = (id: SessionId): ObservedSession | null => {
    const seen = observer.see(id);
    if (seen === null) return null;
    const session = observedSession(seen, places(id));
    hints.follow(session);
    return session;
  };
  const disk = watchDisk(shared, (id) => stop(id, "out-of-disk"));

  return {
    list: async () => {
      const sessions = observer
        .ids()
        .map(look)
        .filter((session) => session !== null);
      disk.look(sessions);
      return sessions;
    },
    inspect: async (id) => look(id),
    start: (request) => once(starting, request.id, () => startSession(shared, request)),
    startWarm: (request) => once(starting, request.id, () => startSession(shared, request)),
    claim: (id, request) =>
      onceAtATime(claiming, `${id} ${request.purpose.launchId}`, () =>
        claimServer(shared, id, request),
      ),
    notify: async (id, notice) => {
      if (storedOf(id, places) !== null) giveNotice(places(id), notice);
    },
    extend: async (id, endsAtMs) => {
      if (isSessionId(id)) extend(places(id), endsAtMs);
    },
    stop,
    remove: async (id) => {
      await stop(id, "stopped");
      if (isSessionId(id)) await removeSession(dataDir, id);
      hints.forget(id);
    },
    logs: async (id, bytesMax) =>
      storedOf(id, places) === null ? null : readLogEnd(places(id).log, bytesMax),
    isBusy: (id) => isBusy(shared, id),
    onHint: (listener) => hints.subscribe(listener),
  };
}

/** Calls for one thing at the same time are one call. */
function onceAtATime<T>(
  running: Map<string, Promise<T>>,
  key: string,
  work: () => Promise<T>,
): Promise<T> {
  const before = running.get(key);
  if (before !== undefined) return before;
  const now = work().finally(() => running.delete(key));
  running.set(key, now);
  return now;
}

function extend(places: SessionPlaces, endsAtMs: number): void {
  const stored = readStored(places);
  if (stored === null) return;
  writeStored(places, { ...stored, record: { ...stored.record, endsAtMs } });
  writeEnd(places, endsAtMs);
}

async function isBusy(shared: LocalSessions, id: SessionId): Promise<boolean> {
  const stored = storedOf(id, shared.places);
  if (stored === null) return false;
  const places = shared.places(id);
  const ask = (path: string): Promise<ServerAnswer> =>
    askServer({
      socket: places.socket,
      method: "GET",
      path: `/user/${id}/${path}`,
      authorization: `token ${stored.record.token}`,
      timeoutMs: QUESTION_TIMEOUT_MS,
    });
  const found = await isServerBusy(ask, shared.clock.nowMs());
  // The keeper looks at this file, and knows nothing of kernels.
  if (found) noteActivity(places, shared.clock.nowMs());
  return found;
}

function storedOf(id: SessionId, places: (id: SessionId) => SessionPlaces): StoredSession | null {
  return isSessionId(id) ? readStored(places(id)) : null;
}
