/** What a session is given read-only: which environment is its own, its variables, its notices. */
import { chmodSync, chownSync, mkdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import type { SessionNotice } from "#core/session/session.ts";
import type { SandboxOwner } from "../sandbox/owner.ts";
import { type SessionPlaces, writeWhole } from "./session-places.ts";
import { readIfThere } from "./stored-session.ts";

/** More would only be scrolled past. */
const NOTICES_MAX = 20;

/** Readable for the sandbox's user and nobody else; written by us alone. */
export function makeGiveDirectory(places: SessionPlaces, owner: SandboxOwner): void {
  rmSync(places.give, { recursive: true, force: true });
  mkdirSync(places.give, { mode: 0o750 });
  chmodSync(places.give, 0o750);
  if (owner.kind === "switch") chownSync(places.give, 0, owner.uid);
}

/** `target` as the session sees it. */
export function giveEnvironment(places: SessionPlaces, target: string): void {
  const link = join(places.give, "env");
  const half = `${link}.half`;
  rmSync(half, { force: true });
  symlinkSync(target, half);
  renameSync(half, link);
}

export function giveVariables(
  places: SessionPlaces,
  variables: Readonly<Record<string, string>>,
): void {
  const session = { variables, kernelForPath: null };
  writeWhole(join(places.give, "session.json"), JSON.stringify(session), 0o644);
}

export function giveNotice(places: SessionPlaces, notice: SessionNotice): void {
  const path = join(places.give, "notices.json");
  const before = JSON.parse(readIfThere(path) ?? "[]") as SessionNotice[];
  if (before.some(({ id }) => id === notice.id)) return;
  writeWhole(path, JSON.stringify([...before, notice].slice(-NOTICES_MAX)), 0o644);
}
