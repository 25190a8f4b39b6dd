/** `bindery open` */
import { awaitServer, type ServerState } from "#app/server-finder.ts";
import { MINUTE_MS } from "#base/units.ts";
import { AppError } from "#core/errors.ts";
import { configOf } from "../arguments/setting-flags.ts";
import type { Call, Run } from "../command.ts";
import { openSession, readWish } from "../launch/open-session.ts";
import { openWords } from "../launch/open-words.ts";
import { accessOf, findServer } from "../server/server-access.ts";

/** The first start of a server installs what it needs. */
const STARTING_WAIT_MS = 10 * MINUTE_MS;

export const run: Run = async (call) => {
  const [repo = ""] = call.operands;
  const wish = readWish(repo, call);
  if (call.flags.has("server")) return await openSession(call, await findServer(call), wish);
  const config = configOf(call.flags, call.environment);
  const state = await lookFor(call, config.dataDir);
  if (state.kind === "absent" && !call.flags.has("no-serve")) {
    const { serveHere } = await import("../server/serve-here.ts");
    const open = openWords(repo, call, config.dataDir);
    try {
      return await serveHere(call, { config, open, endsWithFailedOpen: true });
    } catch (error) {
      // Somebody else was quicker: then theirs is used.
      if (!(error instanceof AppError) || error.failure.code !== "data-dir-taken") throw error;
      const theirs = await lookFor(call, config.dataDir);
      return await openSession(call, accessOf(theirs, config.dataDir, call), wish);
    }
  }
  return await openSession(call, accessOf(state, config.dataDir, call), wish);
};

async function lookFor({ terminal }: Call, dataDir: string): Promise<ServerState> {
  return await awaitServer(dataDir, {
    waitMs: STARTING_WAIT_MS,
    onStarting: () => terminal.note("Bindery is being started; waiting for it."),
  });
}
