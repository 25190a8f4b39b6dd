/** `bindery logs` */
import type { Client } from "#client/client.ts";
import { oneOf } from "../arguments/one-of.ts";
import { invalid } from "../arguments/parse-arguments.ts";
import type { Call, Run } from "../command.ts";
import { connectTo } from "../server/connect.ts";
import { safeText } from "../text/safe-text.ts";
import { environmentKeys } from "./environments.ts";

export const run: Run = async (call) => {
  const { terminal, flags, operands } = call;
  const build = flags.text("build");
  const [session] = operands;
  if ((build === null) === (session === undefined)) {
    throw invalid("Name a session, or an environment with --build KEY.");
  }
  const client = await connectTo(call);
  const log =
    build === null ? await sessionLog(client, session ?? "") : await buildLog(client, build);
  print(call, log);
  if (log === "") terminal.note("Nothing has been said.");
  return "ok";
};

async function sessionLog(client: Client, given: string): Promise<string> {
  const ids = (await client.listSessions()).map(({ id }) => id);
  return await client.sessionLog(oneOf(given, ids, "session-not-found"));
}

async function buildLog(client: Client, given: string): Promise<string> {
  const [known, builds] = await Promise.all([environmentKeys(client), client.listBuilds()]);
  const keys = [...new Set([...known, ...builds.map(({ key }) => key)])];
  return await client.environmentLog(oneOf(given, keys, "environment-not-found"));
}

/** A screen is protected from what the text may hold; a file gets every byte. */
function print({ terminal }: Call, log: string): void {
  if (terminal.isJson) terminal.json({ log });
  else if (log !== "") {
    const text = log.replace(/\n$/, "");
    terminal.out(terminal.isOutScreen ? safeText(text, { colours: true }) : text);
  }
}
