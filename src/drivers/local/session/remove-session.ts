/** Takes ended sessions away: out of sight at once, off the disk when there is time. */
import { existsSync, readdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import type { SessionId } from "#core/session/session.ts";
import type { Log } from "#ports/log.ts";
import { removeTree } from "./home-content.ts";
import { sessionPlaces, sessionsDirectory } from "./session-places.ts";

/** No session id begins with a dot, so that nobody takes it for a session. */
const REMOVED = ".removed-";

/** The caller made sure that nothing of it runs. */
export async function removeSession(dataDir: string, id: SessionId): Promise<void> {
  const { directory } = sessionPlaces(dataDir, id);
  const aside = join(sessionsDirectory(dataDir), `${REMOVED}${id}`);
  if (existsSync(directory)) {
    await removeTree(aside);
    renameSync(directory, aside);
  }
  await removeTree(aside);
}

/** What a kill left behind in the middle of a removal; in the background. */
export function sweepRemoved(dataDir: string, log: Log): void {
  const root = sessionsDirectory(dataDir);
  for (const name of readdirSync(root)) {
    if (!name.startsWith(REMOVED)) continue;
    removeTree(join(root, name)).catch((error: unknown) => {
      log.warn("what is left of a session could not be removed", { name, error });
    });
  }
}
