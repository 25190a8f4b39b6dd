/** What the watch knows, kept in a small file: incidents and what was done outlive the supervisor. */
import { readFileSync } from "node:fs";
import { rename, writeFile } from "node:fs/promises";
import type { Incident } from "#core/incident/incident.ts";
import type { AuditRecord } from "#core/operations/command.ts";
import type { Log } from "#ports/log.ts";

export interface WatchRecords {
  /** Oldest first. */
  readonly incidents: readonly Incident[];
  /** Executed by the watch itself, newest first. */
  readonly audit: readonly AuditRecord[];
}

export const NO_RECORDS: WatchRecords = { incidents: [], audit: [] };

const KEPT_MAX = 200;

/** What an older or broken file says is forgotten. */
export function readWatchRecords(path: string): WatchRecords {
  try {
    const { audit, incidents } = JSON.parse(readFileSync(path, "utf8")) as Partial<WatchRecords>;
    return Array.isArray(incidents) && Array.isArray(audit)
      ? { incidents: incidents as Incident[], audit: audit as AuditRecord[] }
      : NO_RECORDS;
  } catch {
    return NO_RECORDS;
  }
}

/** Writes one after the other, and of those that wait only the last. */
export class WatchFile {
  readonly #path: string;
  readonly #log: Log;
  #waiting: WatchRecords | null = null;
  #writing: Promise<void> | null = null;

  constructor(path: string, log: Log) {
    this.#path = path;
    this.#log = log;
  }

  save(records: WatchRecords): void {
    this.#waiting = records;
    this.#writing ??= this.#write();
  }

  /** Resolves when everything is written. */
  async settled(): Promise<void> {
    await this.#writing;
  }

  async #write(): Promise<void> {
    for (let next = this.#waiting; next !== null; next = this.#waiting) {
      this.#waiting = null;
      try {
        await writeFile(`${this.#path}.new`, JSON.stringify(next), { mode: 0o600 });
        await rename(`${this.#path}.new`, this.#path);
      } catch (error) {
        this.#log.warn("what the watch knows cannot be written down", { error });
      }
    }
    this.#writing = null;
  }
}

export function boundedRecords({ audit, incidents }: WatchRecords): WatchRecords {
  return { incidents: incidents.slice(-KEPT_MAX), audit: audit.slice(0, KEPT_MAX) };
}
