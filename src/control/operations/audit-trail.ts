/** What was done and why: the latest in memory, all of it in the history. */
import { MINUTE_MS } from "#base/units.ts";
import type {
  Actor,
  AuditRecord,
  CommandOutcome,
  OperatorCommand,
} from "#core/operations/command.ts";
import type { PastCommand } from "#core/operations/decide-limits.ts";
import type { History, HistoryEntry } from "#ports/history.ts";

const REFUSAL_AGAIN_MS = 1 * MINUTE_MS;

type ActionEntry = Extract<HistoryEntry, { kind: "action" }>;

export class AuditTrail {
  readonly #history: History;
  readonly #keptMax: number;
  /** Newest last. */
  #records: AuditRecord[] = [];
  readonly #underWay = new Set<PastCommand>();

  constructor(history: History, keptMax: number) {
    this.#history = history;
    this.#keptMax = keptMax;
  }

  /** What was done before this start counts for the limits, too. */
  async restore(): Promise<readonly AuditRecord[]> {
    const entries = await this.#history.recent("action", this.#keptMax);
    const records = entries.flatMap((entry) => (entry.kind === "action" ? recordOf(entry) : []));
    this.#records = [...records.reverse(), ...this.#records];
    return this.#records;
  }

  /** Done before, or being done now. */
  past(): readonly PastCommand[] {
    return [...this.#records, ...this.#underWay];
  }

  recent(limit: number): readonly AuditRecord[] {
    return this.#records.slice(-Math.max(1, limit)).reverse();
  }

  /** The command is carried out; the returned function says what came of it. */
  begin(started: Omit<AuditRecord, "outcome">): (outcome: CommandOutcome) => void {
    const underWay: PastCommand = { ...started, outcome: null };
    this.#underWay.add(underWay);
    return (outcome) => {
      this.#underWay.delete(underWay);
      this.append({ ...started, outcome });
    };
  }

  /** A machine that asks again and again for what it may not do is written down once a minute. */
  refused(record: AuditRecord): void {
    const command = JSON.stringify(record.command);
    const isKnown = this.#records.some(
      (other) =>
        other.outcome.kind === "refused" &&
        record.atMs - other.atMs < REFUSAL_AGAIN_MS &&
        other.actor.kind === "machine" &&
        record.actor.kind === "machine" &&
        JSON.stringify(other.command) === command,
    );
    if (!isKnown) this.append(record);
  }

  append(record: AuditRecord): void {
    this.#records.push(record);
    if (this.#records.length > this.#keptMax) this.#records.shift();
    this.#history.append(entryOf(record));
  }
}

function entryOf({ actor, atMs, command, evidence, limit, outcome }: AuditRecord): HistoryEntry {
  return {
    kind: "action",
    atMs,
    action: command.kind,
    command: JSON.stringify(command),
    by: actor.kind,
    name: actor.kind === "person" ? actor.name : actor.incident,
    evidence,
    limit,
    outcome: outcome.kind,
    message: outcome.kind === "done" ? outcome.message : outcome.because,
  };
}

/** Nothing when it cannot be read: an older Bindery may have known other commands. */
function recordOf(entry: ActionEntry): readonly AuditRecord[] {
  const { atMs, by, evidence, limit, message, name } = entry;
  const actor: Actor =
    by === "person" ? { kind: by, name: name ?? "" } : { kind: by, incident: name };
  const outcome: CommandOutcome =
    entry.outcome === "done"
      ? { kind: "done", message }
      : { kind: entry.outcome, because: message };
  try {
    const command = JSON.parse(entry.command) as OperatorCommand;
    return [{ atMs, command, actor, evidence, limit, outcome }];
  } catch {
    return [];
  }
}
