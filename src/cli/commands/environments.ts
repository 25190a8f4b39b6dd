/** `bindery environments ls|show|lock` */
import { formatBytes, formatDuration } from "#base/units.ts";
import type { Client } from "#client/client.ts";
import { oneOf } from "../arguments/one-of.ts";
import type { Call, Run } from "../command.ts";
import { connectTo } from "../server/connect.ts";
import { age } from "../text/age.ts";
import { columns } from "../text/columns.ts";
import { safeLine } from "../text/safe-text.ts";

const HEADER = ["KEY", "PYTHON", "SERVER", "SIZE", "BUILT", "USED", "FOR"];
const KEY_SHOWN = 12;

export const list: Run = async (call) => {
  const { terminal, flags } = call;
  const environments = await (await connectTo(call)).listEnvironments();
  if (flags.has("quiet")) {
    const keys = environments.map(({ key }) => key);
    if (terminal.isJson) terminal.json(keys);
    else for (const key of keys) terminal.out(key);
  } else if (terminal.isJson) terminal.json(environments);
  else if (environments.length === 0) terminal.note("No environments.");
  else {
    const nowMs = Date.now();
    const rows = environments
      .toSorted((left, right) => right.lastUsedAtMs - left.lastUsedAtMs)
      .map((each) => [
        each.key.slice(0, KEY_SHOWN),
        each.pythonVersion,
        each.server,
        formatBytes(each.sizeBytes),
        `${age(nowMs - each.builtAtMs)} ago`,
        `${age(nowMs - each.lastUsedAtMs)} ago`,
        safeLine(each.builtFor, { colours: false }),
      ]);
    const [header = "", ...lines] = columns([HEADER, ...rows]);
    terminal.out(terminal.paintOut.bold(header));
    for (const line of lines) terminal.out(line);
  }
  return "ok";
};

export const show: Run = async (call) => {
  const { terminal } = call;
  const { client, key } = await named(call);
  const environment = await client.getEnvironment(key);
  if (terminal.isJson) {
    terminal.json(environment);
    return "ok";
  }
  const facts = [
    ["key", key],
    ["python", environment.pythonVersion],
    ["server", `${environment.server}: ${environment.serverBecause}`],
    ["size", formatBytes(environment.sizeBytes)],
    ["built", new Date(environment.builtAtMs).toISOString()],
    ["took", formatDuration(environment.buildDurationMs)],
    ["last used", new Date(environment.lastUsedAtMs).toISOString()],
    ["built for", environment.builtFor],
  ];
  for (const line of columns(facts)) terminal.out(safeLine(line, { colours: false }));
  return "ok";
};

export const lock: Run = async (call) => {
  const { client, key } = await named(call);
  const text = await client.environmentLock(key);
  if (call.terminal.isJson) call.terminal.json({ key, lock: text });
  else call.terminal.out(text.replace(/\n$/, ""));
  return "ok";
};

export async function environmentKeys(client: Client): Promise<readonly string[]> {
  return (await client.listEnvironments()).map(({ key }) => key);
}

async function named(call: Call): Promise<{ readonly client: Client; readonly key: string }> {
  const client = await connectTo(call);
  const [given = ""] = call.operands;
  const keys = await environmentKeys(client);
  return { client, key: oneOf(given, keys, "environment-not-found") };
}
