/** `bindery serve` */
import { awaitServer } from "#app/server-finder.ts";
import { SECOND_MS } from "#base/units.ts";
import { AppError } from "#core/errors.ts";
import { configOf } from "../arguments/setting-flags.ts";
import type { Call, Run } from "../command.ts";
import { accessOf } from "../server/server-access.ts";
import { serveHere } from "../server/serve-here.ts";

const STARTING_WAIT_MS = 60 * SECOND_MS;

export const run: Run = async (call) => {
  const config = configOf(call.flags, call.environment);
  const repo = call.flags.text("open");
  const open = repo === null ? null : await wordsToOpen(repo, call, config.dataDir);
  try {
    return await serveHere(call, { config, open, endsWithFailedOpen: false });
  } catch (error) {
    const isTaken = error instanceof AppError && error.failure.code === "data-dir-taken";
    if (!isTaken || repo === null) throw error;
    return await openThere(call, repo, config.dataDir);
  }
};

/** Loaded only with a repository: a server that runs for months keeps what it loads. */
async function wordsToOpen(repo: string, call: Call, dataDir: string): Promise<readonly string[]> {
  const { openWords } = await import("../launch/open-words.ts");
  return openWords(repo, call, dataDir);
}

/** Another terminal serves this directory already: its server does as well. */
async function openThere(call: Call, repo: string, dataDir: string) {
  const state = await awaitServer(dataDir, { waitMs: STARTING_WAIT_MS });
  const access = accessOf(state, dataDir, call);
  if (call.terminal.isJson) call.terminal.json({ kind: "serving", url: access.publicUrl });
  else call.terminal.out(`Bindery serves at ${access.publicUrl}`);
  const { openSession, readWish } = await import("../launch/open-session.ts");
  return await openSession(call, access, readWish(repo, call));
}
