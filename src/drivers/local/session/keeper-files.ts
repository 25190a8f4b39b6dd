/** The small files by which a running keeper is told things. */
import { utimesSync } from "node:fs";
import { type SessionPlaces, writeWhole } from "./session-places.ts";

/** The keeper counts in seconds; a part of one is given. */
export function writeEnd(places: SessionPlaces, endsAtMs: number): void {
  writeWhole(places.endsAt, `${Math.ceil(endsAtMs / 1_000)}\n`);
}

export function noteActivity(places: SessionPlaces, atMs: number): void {
  try {
    utimesSync(places.activity, atMs / 1_000, atMs / 1_000);
  } catch (error) {
    // The session was removed a moment ago.
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}

/** Twice the limit: ending idle sessions is the control plane's job as long as there is one. */
export function writeIdle(places: SessionPlaces, idleLimitMs: number): void {
  writeWhole(places.idleSeconds, `${Math.ceil((2 * idleLimitMs) / 1_000)}\n`);
}
