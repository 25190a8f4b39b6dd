/** `bindery nodes` */
import type { NodeStatus } from "#core/operations/status.ts";
import type { Run } from "../command.ts";
import { connectTo } from "../server/connect.ts";
import { age } from "../text/age.ts";
import { columns } from "../text/columns.ts";
import { safeLine } from "../text/safe-text.ts";

const HEADER = ["NODE", "SESSIONS", "AGE", "DISK FREE", "MEMORY FREE", "BARS", "PROBED", "HEALTH"];

export const run: Run = async (call) => {
  const { flags, terminal } = call;
  const view = await (await connectTo(call)).listNodes();
  const names = view.nodes.map(({ node }) => node.name);
  if (terminal.isJson) terminal.json(flags.has("quiet") ? names : view.nodes);
  else if (flags.has("quiet")) for (const name of names) terminal.out(name);
  else if (names.length === 0) terminal.note("No machines.");
  else {
    const rows = view.nodes.map((each) => row(each, view.atMs));
    const [header = "", ...lines] = columns([HEADER, ...rows]);
    terminal.out(terminal.paintOut.bold(header));
    for (const line of lines) terminal.out(line);
  }
  return "ok";
};

function row({ health, node, probe }: NodeStatus, nowMs: number): readonly string[] {
  const cells = [
    node.name,
    `${node.sessions}/${node.seats}`,
    age(nowMs - node.createdAtMs),
    percent(node.diskFreeRatio),
    percent(node.memoryFreeRatio),
    [...(node.isReady ? [] : ["not-ready"]), ...node.bars].join(",") || "–",
    probe === null ? "–" : probeText(probe.failures, nowMs - probe.atMs),
    health,
  ];
  return cells.map((cell) => safeLine(cell, { colours: false }));
}

function probeText(failures: readonly { readonly check: string }[], agoMs: number): string {
  const what = failures.length === 0 ? "good" : failures.map(({ check }) => check).join(",");
  return `${what}, ${age(agoMs)} ago`;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
