/** The pretend history: what was done is kept, as a control plane that starts reads it again. */
import type { Actor, AuditRecord, OperatorCommand } from "#core/operations/command.ts";
import type { History, HistoryEntry } from "#ports/history.ts";
import type { Recorder } from "./recorder.ts";

type ActionEntry = Extract<HistoryEntry, { kind: "action" }>;

export class PretendHistory implements History {
  readonly #actions: ActionEntry[] = [];
  readonly #recorder: Recorder;

  constructor(recorder: Recorder) {
    this.#recorder = recorder;
  }

  /** Actions that are kept. */
  get size(): number {
    return this.#actions.length;
  }

  append(entry: HistoryEntry): void {
    if (entry.kind !== "action") return;
    this.#actions.push(entry);
    this.#recorder.add({ kind: "action", atMs: entry.atMs, record: recordOf(entry) });
  }

  recent(kind: HistoryEntry["kind"], limit: number): Promise<readonly HistoryEntry[]> {
    const entries = kind === "action" ? [...this.#actions].reverse().slice(0, limit) : [];
    return Promise.resolve(entries);
  }
}

function recordOf(entry: ActionEntry): AuditRecord {
  const { atMs, evidence, limit, message, name, outcome } = entry;
  const actor: Actor =
    entry.by === "person"
      ? { kind: "person", name: name ?? "" }
      : { kind: "machine", incident: name };
  const command = JSON.parse(entry.command) as OperatorCommand;
  const ended =
    outcome === "done" ? { kind: outcome, message } : { kind: outcome, because: message };
  return { atMs, command, actor, evidence, limit, outcome: ended };
}
