/** How many sessions go on when Bindery stops. */
import { serverOf } from "#app/server-finder.ts";
import { SECOND_MS } from "#base/units.ts";
import type { Call } from "../command.ts";
import { accessOf } from "./server-access.ts";

const WAIT_MS = 1 * SECOND_MS;

/** Null when the server did not say in time: stopping is more important than counting. */
export async function sessionsAlive(call: Call, dataDir: string): Promise<number | null> {
  // Loaded only here: a server that runs for months needs no client.
  const { connect } = await import("./connect.ts");
  const late = new Promise<null>((resolve) => {
    AbortSignal.timeout(WAIT_MS).addEventListener("abort", () => resolve(null));
  });
  try {
    const client = connect(accessOf(await serverOf(dataDir), dataDir, call));
    const sessions = await Promise.race([client.listSessions(), late]);
    if (sessions === null) return null;
    return sessions.filter(({ state, purpose }) => state.kind !== "ended" && purpose !== null)
      .length;
  } catch {
    // It is being stopped: that it does not answer any more changes nothing.
    return null;
  }
}
