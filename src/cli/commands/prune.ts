/** `bindery prune` */
import { parseSetting } from "#app/config.ts";
import { formatBytes } from "#base/units.ts";
import { invalid } from "../arguments/parse-arguments.ts";
import type { GivenFlags, Run } from "../command.ts";
import { connectTo } from "../server/connect.ts";

export const run: Run = async (call) => {
  const { terminal } = call;
  const bytesMax = bytesToKeep(call.flags);
  const pruned = await (await connectTo(call)).pruneEnvironments(bytesMax);
  if (terminal.isJson) terminal.json(pruned);
  else {
    const { removed, freedBytes } = pruned;
    for (const key of removed) terminal.out(key);
    const count = removed.length === 1 ? "1 environment" : `${removed.length} environments`;
    terminal.note(`Removed ${count}, ${formatBytes(freedBytes)}.`);
  }
  return "ok";
};

function bytesToKeep(flags: GivenFlags): number {
  const text = flags.text("keep");
  if (text === null) return 0;
  try {
    return Math.round(Number(parseSetting("environmentsMaxBytes", text)));
  } catch {
    throw invalid(`--keep needs a size such as 10GiB, not ${JSON.stringify(text)}.`);
  }
}
