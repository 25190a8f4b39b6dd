/** `bindery status` */
import type { Client } from "#client/client.ts";
import { FailureError } from "#client/failure-error.ts";
import type { IncidentsView } from "#client/operator-calls.ts";
import type { OperatorStatus } from "#core/operations/status.ts";
import type { Run } from "../command.ts";
import { statusRows } from "../operating/status-text.ts";
import { connectTo } from "../server/connect.ts";
import { age } from "../text/age.ts";
import { columns, definitions } from "../text/columns.ts";
import { safeLine } from "../text/safe-text.ts";
import type { Terminal } from "../text/terminal.ts";
import { dateText } from "../text/time-text.ts";
import { firstEvidence, showRunbooks, subjectText } from "./incidents.ts";

const WIDTH_MAX = 120;

export const run: Run = async (call) => {
  const { terminal } = call;
  const client = await connectTo(call);
  // The watch may be heard while the control plane is not.
  const [view, status] = await Promise.all([client.listIncidents(), statusOf(client)]);
  const open = view.incidents.filter(({ state }) => state !== "resolved");
  if (terminal.isJson) terminal.json({ atMs: view.atMs, status, incidents: open });
  else {
    terminal.out(terminal.paintOut.bold(dateText(status?.atMs ?? view.atMs)));
    if (status === null) terminal.out(terminal.paintOut.red("The control plane does not answer."));
    else showStatus(status, terminal);
    showIncidents({ ...view, incidents: open }, terminal);
  }
  return status === null ? "failed" : "ok";
};

async function statusOf(client: Client): Promise<OperatorStatus | null> {
  try {
    return await client.operatorStatus();
  } catch (error) {
    if (error instanceof FailureError && error.failure.code === "server-restarting") return null;
    throw error;
  }
}

function showStatus(status: OperatorStatus, terminal: Terminal): void {
  const rows = statusRows(status).map(([name, text]): readonly [string, string] => [
    name,
    safeLine(text, { colours: false }),
  ]);
  const width = Math.max(40, Math.min(WIDTH_MAX, terminal.columns));
  for (const line of definitions(rows, { width, indent: 0 })) terminal.out(line);
}

function showIncidents({ atMs, incidents }: IncidentsView, terminal: Terminal): void {
  const { paintOut } = terminal;
  terminal.out("");
  if (incidents.length === 0) {
    terminal.out(paintOut.green("No open incidents."));
    return;
  }
  terminal.out(paintOut.bold("Open incidents, the newest first"));
  const rows = incidents.map((incident) => [
    incident.state === "open" ? paintOut.red(incident.cause) : paintOut.yellow(incident.cause),
    safeLine(subjectText(incident), { colours: false }),
    `${incident.state} ${age(atMs - incident.openedAtMs)}`,
    safeLine(firstEvidence(incident), { colours: false }),
  ]);
  for (const line of columns(rows)) terminal.out(line);
  showRunbooks(incidents, terminal);
}
