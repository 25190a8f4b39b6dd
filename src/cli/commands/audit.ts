/** `bindery audit` */
import type { AuditRecord } from "#core/operations/command.ts";
import { readCount } from "../arguments/read-time.ts";
import type { Run } from "../command.ts";
import { commandText } from "../operating/command-text.ts";
import { connectTo } from "../server/connect.ts";
import { definitions } from "../text/columns.ts";
import { safeLine } from "../text/safe-text.ts";
import { dateText } from "../text/time-text.ts";

const LIMIT_DEFAULT = 20;
const WIDTH_MAX = 120;

export const run: Run = async (call) => {
  const { flags, terminal } = call;
  const given = flags.text("limit");
  const limit = given === null ? LIMIT_DEFAULT : Math.max(1, readCount(given, "--limit"));
  const { records } = await (await connectTo(call)).readAudit(limit);
  if (terminal.isJson) terminal.json(records);
  else if (records.length === 0) terminal.note("Nothing was done.");
  else {
    const width = Math.max(40, Math.min(WIDTH_MAX, terminal.columns));
    const entries = records.map((record): readonly [string, string] => [
      dateText(record.atMs),
      safeLine(textOf(record), { colours: false }),
    ]);
    for (const line of definitions(entries, { width, indent: 0 })) terminal.out(line);
  }
  return "ok";
};

function textOf({ actor, command, evidence, limit, outcome }: AuditRecord): string {
  const who = actor.kind === "person" ? actor.name : (actor.incident ?? "the machine");
  const said = outcome.kind === "done" ? outcome.message : `${outcome.kind}: ${outcome.because}`;
  const why = evidence === "" ? "" : `; because ${evidence.replace(/[.]$/, "")}`;
  return `${commandText(command)} by ${who}: ${said}${why} (limit: ${limit})`;
}
