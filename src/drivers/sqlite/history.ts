/** History in one SQLite file, written in batches off the critical path. */
import { DatabaseSync } from "node:sqlite";
import type { Clock } from "#ports/clock.ts";
import type { History, HistoryEntry } from "#ports/history.ts";
import type { Log } from "#ports/log.ts";

const FLUSH_DELAY_MS = 200;
const BUFFER_MAX = 10_000;
const KEPT_PER_KIND = 100_000;
const RECENT_MAX = 1_000;
const KINDS: readonly HistoryEntry["kind"][] = ["launch", "build", "session", "action"];

export interface SqliteHistory extends History {
  /** Writes what is buffered and closes the file. */
  close(): void;
}

/** A file that cannot be opened or written costs the history, never a launch. */
export function createSqliteHistory(deps: {
  readonly path: string;
  readonly clock: Clock;
  readonly log: Log;
}): SqliteHistory {
  const { clock, log } = deps;
  const database = open(deps.path, log);
  let buffer: HistoryEntry[] = [];
  let lost = 0;
  let cancelFlush: (() => void) | null = null;

  function flush(): void {
    cancelFlush = null;
    const entries = buffer;
    buffer = [];
    if (database === null || entries.length === 0) return;
    try {
      database.exec("BEGIN");
      const insert = database.prepare("INSERT INTO history (kind, at_ms, entry) VALUES (?, ?, ?)");
      for (const entry of entries) insert.run(entry.kind, entry.atMs, JSON.stringify(entry));
      database.exec("COMMIT");
    } catch (error) {
      lost += entries.length;
      log.warn("history could not be written", { lost, error });
      if (database.isTransaction) database.exec("ROLLBACK");
    }
  }

  return {
    append(entry) {
      if (buffer.length >= BUFFER_MAX) {
        lost += 1;
        return;
      }
      buffer.push(entry);
      cancelFlush ??= clock.setTimer(FLUSH_DELAY_MS, flush);
    },
    async recent(kind, limit) {
      flush();
      if (database === null) return [];
      const rows = database
        .prepare("SELECT entry FROM history WHERE kind = ? ORDER BY id DESC LIMIT ?")
        .all(kind, Math.min(limit, RECENT_MAX));
      return rows.map((row) => readEntry(String(row["entry"])));
    },
    close() {
      cancelFlush?.();
      flush();
      database?.close();
    },
  };
}

/** What an older Bindery wrote lacks what was added since. */
function readEntry(text: string): HistoryEntry {
  const entry = JSON.parse(text) as HistoryEntry;
  return entry.kind === "launch" && (entry.attempts as number | null | undefined) === undefined
    ? { ...entry, attempts: null }
    : entry;
}

function open(path: string, log: Log): DatabaseSync | null {
  try {
    const database = new DatabaseSync(path, { timeout: 1_000 });
    database.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = NORMAL;
      CREATE TABLE IF NOT EXISTS history (
        id INTEGER PRIMARY KEY,
        kind TEXT NOT NULL,
        at_ms INTEGER NOT NULL,
        entry TEXT NOT NULL
      ) STRICT;
      CREATE INDEX IF NOT EXISTS history_kind ON history (kind, id);
    `);
    for (const kind of KINDS) {
      database
        .prepare(
          `DELETE FROM history WHERE kind = ?1 AND id <= (
             SELECT id FROM history WHERE kind = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)`,
        )
        .run(kind, KEPT_PER_KIND);
    }
    return database;
  } catch (error) {
    log.warn("history is off: its file cannot be opened", { error });
    return null;
  }
}
