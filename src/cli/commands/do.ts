/** `bindery do COMMAND` */
import type { Client } from "#client/client.ts";
import type { OperatorCommand } from "#core/operations/command.ts";
import { oneOf } from "../arguments/one-of.ts";
import { invalid } from "../arguments/parse-arguments.ts";
import type { Call, Run } from "../command.ts";
import { isCommandKind, readCommand } from "../operating/read-command.ts";
import { connectTo } from "../server/connect.ts";
import { isInUse } from "./ps.ts";

export const run: Run = async (call) => {
  const { command, environment, flags, operands, terminal } = call;
  const kind = command.name.replace(/^do /, "");
  if (!isCommandKind(kind)) throw invalid(`There is no command ${kind}.`);
  // What is mistyped is said before a server is looked for.
  readCommand(kind, operands, flags, Date.now());
  const client = await connectTo(call);
  const hasTimes = flags.has("from") || flags.has("until");
  const nowMs = hasTimes ? (await client.operatorStatus()).atMs : Date.now();
  const read = await named(client, readCommand(kind, operands, flags, nowMs));
  if (read.kind === "cull" && flags.has("dry-run")) return await count(client, read.idleMs, call);
  const evidence = flags.text("because");
  const person = flags.text("as") ?? environment["USER"] ?? "";
  const done = await client.giveCommand({
    command: read,
    ...(evidence !== null && { evidence }),
    ...(person !== "" && { person }),
  });
  if (terminal.isJson) terminal.json(done);
  else terminal.out(`${done.message.charAt(0).toUpperCase()}${done.message.slice(1)}.`);
  return "ok";
};

/** Sessions may be given by the beginning of their id. */
async function named(client: Client, command: OperatorCommand): Promise<OperatorCommand> {
  if (command.kind !== "stop-session") return command;
  const ids = (await client.listSessions()).map(({ id }) => id);
  return { ...command, session: oneOf(command.session, ids, "session-not-found") };
}

/** Whether one of them is at work is asked only when it is to end. */
async function count(client: Client, idleMs: number, { terminal }: Call): Promise<"ok"> {
  const [{ atMs }, sessions] = await Promise.all([client.listIncidents(), client.listSessions()]);
  const idle = sessions.filter(
    (each) =>
      isInUse(each) &&
      atMs - Math.max(each.lastActivityAtMs, each.claimedAtMs ?? each.createdAtMs) >= idleMs,
  );
  if (terminal.isJson) terminal.json({ idle: idle.map(({ id }) => id), sessions: sessions.length });
  else
    terminal.out(
      `${idle.length} of ${sessions.length} sessions are idle for so long; those at work would stay.`,
    );
  return "ok";
}
