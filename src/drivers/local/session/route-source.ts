/** Routes for the gateway, read from the sessions' own records: no control plane is asked. */
import { mkdirSync, watch } from "node:fs";
import type { SessionId } from "#core/session/session.ts";
import type { Clock } from "#ports/clock.ts";
import type { Log } from "#ports/log.ts";
import type { Route, RouteSource } from "#ports/route-source.ts";
import { noteActivity } from "./keeper-files.ts";
import { observeSessions } from "./observe-sessions.ts";
import { isSessionId, sessionPlaces, sessionsDirectory } from "./session-places.ts";

export function createLocalRouteSource(parts: {
  readonly dataDir: string;
  readonly clock: Clock;
  readonly log: Log;
}): RouteSource {
  const { dataDir, log } = parts;
  const root = sessionsDirectory(dataDir);
  mkdirSync(root, { recursive: true, mode: 0o711 });
  // A record without a keeper: content is being brought. Whoever does that removes it when it fails.
  const observer = observeSessions({ ...parts, isBeingStarted: () => true });

  const routeOf = (id: SessionId): Route | null => {
    const seen = observer.see(id);
    if (seen === null || seen.state.kind === "ended") return null;
    const { egressSocket, socket } = sessionPlaces(dataDir, id);
    return {
      sessionId: id,
      // In a directory of the session: to be connected to only as the socket that it is, not
      // through a link. The path may be longer than the kernel takes.
      target: { kind: "unix", path: socket },
      isStarting: seen.state.kind === "starting",
      egressSocket: seen.stored.isFiltered ? egressSocket : null,
    };
  };
  return {
    list: async () =>
      observer
        .ids()
        .map(routeOf)
        .filter((route) => route !== null),
    find: async (id) => routeOf(id),
    noteActivity: (id, atMs) => {
      if (isSessionId(id)) noteActivity(sessionPlaces(dataDir, id), atMs);
    },
    onHint: (listener) => {
      // Sessions come and go as entries of this directory.
      const watcher = watch(root, { persistent: false }, listener);
      watcher.on("error", (error) => log.warn("sessions are not watched any more", { error }));
      return () => watcher.close();
    },
  };
}
