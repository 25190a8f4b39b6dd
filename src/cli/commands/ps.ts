/** `bindery ps` */
import { formatBytes } from "#base/units.ts";
import type { SessionView } from "#client/views.ts";
import type { Run } from "../command.ts";
import { connectTo } from "../server/connect.ts";
import { age } from "../text/age.ts";
import { columns } from "../text/columns.ts";
import { repoName } from "../text/repo-name.ts";
import { safeLine } from "../text/safe-text.ts";

const HEADER = ["SESSION", "STATE", "REPOSITORY", "REF", "AGE", "IDLE", "ENDS IN", "MEMORY"];
const HASH_SHOWN = 7;

export const run: Run = async (call) => {
  const { flags, terminal } = call;
  const sessions = await (await connectTo(call)).listSessions();
  const shown = flags.has("all") ? sessions : sessions.filter(isInUse);
  if (flags.has("quiet") && !terminal.isJson) for (const { id } of shown) terminal.out(id);
  else if (terminal.isJson) terminal.json(flags.has("quiet") ? shown.map(({ id }) => id) : shown);
  else if (shown.length === 0) terminal.note("No sessions.");
  else {
    const nowMs = Date.now();
    const [header = "", ...lines] = columns([HEADER, ...shown.map((each) => row(each, nowMs))]);
    terminal.out(terminal.paintOut.bold(header));
    for (const line of lines) terminal.out(line);
  }
  return "ok";
};

/** Somebody's, and not over. */
export function isInUse({ state, purpose }: SessionView): boolean {
  return state.kind !== "ended" && purpose !== null;
}

function row(session: SessionView, nowMs: number): readonly string[] {
  const { id, state, purpose, memoryBytes } = session;
  const isOver = state.kind === "ended";
  const repo = purpose?.repo;
  const ref = repo === undefined ? "" : (repo.ref ?? repo.commit.slice(0, HASH_SHOWN));
  const cells = [
    id,
    isOver ? state.end : purpose === null ? "warm" : state.kind,
    repo === undefined ? "–" : repoName(repo),
    ref,
    age(nowMs - (session.claimedAtMs ?? session.createdAtMs)),
    isOver ? "" : age(nowMs - session.lastActivityAtMs),
    isOver ? "" : age(session.endsAtMs - nowMs),
    memoryBytes === null ? "" : formatBytes(memoryBytes),
  ];
  return cells.map((cell) => safeLine(cell, { colours: false }));
}
