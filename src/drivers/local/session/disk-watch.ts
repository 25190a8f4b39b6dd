/** Ends sessions that fill the disk. Looks at one after the other, without haste. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { MINUTE_MS } from "#base/units.ts";
import type { ObservedSession, SessionId } from "#core/session/session.ts";
import { BOUND_ENVIRONMENT, programPath, switchUser } from "../sandbox/owner.ts";
import type { LocalSessions } from "./local-sessions.ts";

const run = promisify(execFile);
const INTERVAL_MS = MINUTE_MS;
const MEASURE_TIMEOUT_MS = 30_000;

export interface DiskWatch {
  /** Called with every list; measures the session whose turn it is, in the background. */
  look(sessions: readonly ObservedSession[]): void;
}

export function watchDisk(shared: LocalSessions, end: (id: SessionId) => Promise<void>): DiskWatch {
  const { clock, log, policy } = shared;
  const measuredAtMs = new Map<SessionId, number>();
  let isMeasuring = false;

  const measure = async (id: SessionId): Promise<void> => {
    const bytes = await diskBytes(shared, id);
    if (bytes === null || bytes <= policy.sessionDiskBytes) return;
    log.warn("a session used more disk than it may", { id, bytes, max: policy.sessionDiskBytes });
    await end(id);
  };
  return {
    look: (sessions) => {
      const running = sessions.filter(({ state }) => state.kind === "running");
      const ids = new Set(running.map(({ record }) => record.id));
      for (const id of measuredAtMs.keys()) if (!ids.has(id)) measuredAtMs.delete(id);
      if (isMeasuring) return;
      const nowMs = clock.monotonicMs();
      const next = [...ids].find((id) => {
        const atMs = measuredAtMs.get(id);
        return atMs === undefined || nowMs - atMs >= INTERVAL_MS;
      });
      if (next === undefined) return;
      isMeasuring = true;
      measuredAtMs.set(next, nowMs);
      measure(next)
        .catch((error: unknown) => {
          log.warn("the disk use of a session could not be measured", { id: next, error });
        })
        .finally(() => {
          isMeasuring = false;
        });
    },
  };
}

/** As the session's own user, so that a tree full of links and races costs us nothing. */
async function diskBytes(shared: LocalSessions, id: SessionId): Promise<number | null> {
  const { home, run: sockets } = shared.places(id);
  const command = [programPath("du"), "-sxcB1", "--", home, sockets];
  const [file = "", ...args] = [...switchUser(shared.sandbox.owner), ...command];
  try {
    const { stdout } = await run(file, args, {
      env: { ...BOUND_ENVIRONMENT },
      cwd: "/",
      timeout: MEASURE_TIMEOUT_MS,
    });
    return totalOf(stdout);
  } catch (error) {
    // du complains of files that go while it looks, or that are closed to it; its sum still counts.
    return totalOf((error as { stdout?: string }).stdout ?? "");
  }
}

function totalOf(output: string): number | null {
  const total = /^(\d+)\ttotal$/m.exec(output)?.[1];
  return total === undefined ? null : Number(total);
}
