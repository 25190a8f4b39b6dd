/** `bindery stop` */
import { existsSync } from "node:fs";
import type { Client } from "#client/client.ts";
import { serverOf } from "#app/server-finder.ts";
import { AppError } from "#core/errors.ts";
import { oneOf } from "../arguments/one-of.ts";
import { invalid } from "../arguments/parse-arguments.ts";
import { configOf } from "../arguments/setting-flags.ts";
import type { Call, Run } from "../command.ts";
import { connect, connectTo } from "../server/connect.ts";
import { localServer } from "../server/server-access.ts";
import { isInUse } from "./ps.ts";

export const run: Run = async (call) => {
  const isAll = call.flags.has("all");
  if (isAll === call.operands.length > 0) {
    throw invalid("Name the sessions to end, or give --all.");
  }
  const stopped = await withServer(call, (client, isAlone) => stopThem(call, client, isAlone));
  if (call.terminal.isJson) call.terminal.json({ stopped });
  else if (stopped.length === 0) call.terminal.note("No sessions.");
  else for (const id of stopped) call.terminal.out(id);
  return "ok";
};

/** Warm servers are of use only to a server that goes on. */
async function stopThem(
  { operands, flags }: Call,
  client: Client,
  isAlone: boolean,
): Promise<readonly string[]> {
  const sessions = await client.listSessions();
  const all = sessions.filter((each) => (isAlone ? each.state.kind !== "ended" : isInUse(each)));
  const ids = flags.has("all")
    ? all.map(({ id }) => id)
    : operands.map((given) =>
        oneOf(
          given,
          sessions.map(({ id }) => id),
          "session-not-found",
        ),
      );
  const chosen = [...new Set(ids)];
  const outcomes = await Promise.allSettled(chosen.map((id) => client.stopSession(id)));
  for (const outcome of outcomes) {
    if (outcome.status === "rejected" && !isGone(outcome.reason)) throw outcome.reason;
  }
  return chosen;
}

/** It ended by itself between our look and our wish. */
function isGone(reason: unknown): boolean {
  const failure = (reason as { readonly failure?: { readonly code?: string } }).failure;
  return failure?.code === "session-not-found";
}

/**
 * Sessions outlive the server: when none serves the data directory, one is run alone for this, for
 * as long as it takes to end them. It finds them as every start does.
 */
async function withServer<T>(
  call: Call,
  act: (client: Client, isAlone: boolean) => Promise<T>,
): Promise<T> {
  if (call.flags.has("server")) return await act(await connectTo(call), false);
  const config = configOf(call.flags, call.environment);
  const { dataDir } = config;
  const state = await serverOf(dataDir);
  if (state.kind !== "absent") return await act(await connectTo(call), false);
  if (!existsSync(dataDir)) {
    throw new AppError("server-unreachable", `No Bindery has ever served ${dataDir}.`);
  }
  const { startSupervisor } = await import("../server/serve-here.ts");
  const quiet = {
    ...config,
    host: "127.0.0.1",
    port: 0,
    publicUrl: "",
    policy: { ...config.policy, warmServersMax: 0 },
  };
  const supervisor = await startSupervisor(call, quiet, (line) => call.terminal.note(line));
  try {
    const serving = await serverOf(dataDir);
    if (serving.kind !== "serving") throw new AppError("server-unreachable");
    return await act(connect(localServer(serving.note, dataDir, call)), true);
  } finally {
    await supervisor.stop();
  }
}
