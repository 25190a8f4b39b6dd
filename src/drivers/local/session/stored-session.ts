/** The record beside each session's process, as it is on disk. */
import { readFileSync } from "node:fs";
import type { SessionEnd, SessionRecord } from "#core/session/session.ts";
import { type SessionPlaces, writeWhole } from "./session-places.ts";

export interface StoredSession {
  readonly version: 1;
  readonly record: SessionRecord;
  /** The launch that is taking, or has taken, a warm server; it never goes to another one. */
  readonly claimedBy: string | null;
  /** Proves to the server that a claim comes from us. */
  readonly claimSecret: string;
  /** The way out goes through a filter that listens on the session's own socket. */
  readonly isFiltered: boolean;
  readonly cgroupDirectories: readonly string[];
  /** systemd made the cgroup: it is found by the processes in it. */
  readonly isInScope: boolean;
}

/** How a session ended, as its keeper (or, after a kill, the driver) wrote it down. */
export interface StoredExit {
  readonly exitCode: number | null;
  readonly end: SessionEnd;
  readonly outOfMemoryKills: number;
}

export function writeStored(places: SessionPlaces, stored: StoredSession): void {
  writeWhole(places.record, `${JSON.stringify(stored)}\n`);
}

/** Null when there is none; a half-made session has none. */
export function readStored(places: SessionPlaces): StoredSession | null {
  const text = readIfThere(places.record);
  return text === null ? null : parsed<StoredSession>(text);
}

export function writeExit(places: SessionPlaces, exit: StoredExit): void {
  writeWhole(places.exit, `${JSON.stringify(exit)}\n`);
}

export function readExit(places: SessionPlaces): StoredExit | null {
  const text = readIfThere(places.exit);
  return text === null ? null : parsed<StoredExit>(text);
}

/** Only we write these files, whole: what a broken disk made of one must not hide the other sessions. */
function parsed<T>(text: string): T | null {
  try {
    return JSON.parse(text) as T;
  } catch {
    // As good as absent.
    return null;
  }
}

export function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return null;
    throw error;
  }
}
