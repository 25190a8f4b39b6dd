/** The operator's desk in the control plane's process: its own door, and what the supervisor's watch tells. */
import type { OperatorDesk } from "#api/operator-desk.ts";
import { SECOND_MS } from "#base/units.ts";
import type { Actor, AuditRecord, CommandOutcome } from "#core/operations/command.ts";
import type { CommandKind, OperatorCommand } from "#core/operations/command.ts";
import type { OperatorDoor } from "#ports/operator.ts";
import type { FromChild, ToChild } from "../child-messages.ts";
import { NO_RECORDS, type WatchRecords } from "./watch-records.ts";

/** What only the watch can do: it holds the processes. */
const OF_WATCH: ReadonlySet<CommandKind> = new Set(["restart-component", "surge-component"]);
const ANSWER_MS = 30 * SECOND_MS;

interface DeskParts {
  readonly operations: OperatorDoor;
  readonly tell: (message: FromChild) => void;
  readonly hear: (listener: (message: ToChild) => void) => void;
  readonly setTimer: (delayMs: number, callback: () => void) => () => void;
}

export function createWatchedDesk({ hear, operations, setTimer, tell }: DeskParts): OperatorDesk {
  let records: WatchRecords = NO_RECORDS;
  let lastId = 0;
  const asked = new Map<number, (outcome: CommandOutcome) => void>();
  hear((message) => {
    if (message.kind === "watched") records = message.records;
    if (message.kind === "outcome") asked.get(message.id)?.(message.outcome);
  });
  const askWatch = (command: OperatorCommand, actor: Actor, evidence: string) =>
    new Promise<CommandOutcome>((resolve) => {
      lastId += 1;
      const id = lastId;
      const finish = (outcome: CommandOutcome) => {
        asked.delete(id);
        cancel();
        resolve(outcome);
      };
      const late = { kind: "failed", because: "the supervisor did not answer" } as const;
      const cancel = setTimer(ANSWER_MS, () => finish(late));
      asked.set(id, finish);
      tell({ kind: "command", id, command, actor, evidence });
    });
  return {
    status: () => operations.status(),
    execute: (command, actor, evidence) =>
      OF_WATCH.has(command.kind)
        ? askWatch(command, actor, evidence)
        : operations.execute(command, actor, evidence),
    audit: async (limit) =>
      newestFirst([...(await operations.audit(limit)), ...records.audit], limit),
    incidents: () => records.incidents,
  };
}

function newestFirst(records: readonly AuditRecord[], limit: number): readonly AuditRecord[] {
  return records.toSorted((a, b) => b.atMs - a.atMs).slice(0, limit);
}
