/** Starts and ends keepers: the detached parents of sessions. */
import { spawn } from "node:child_process";
import { closeSync, existsSync, openSync, rmSync } from "node:fs";
import { AppError } from "#core/errors.ts";
import type { SessionEnd } from "#core/session/session.ts";
import { processesIn, readCgroup, removeCgroup } from "../sandbox/cgroups.ts";
import type { SandboxRequest } from "../sandbox/request.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import {
  identify,
  isAlive,
  parseIdentity,
  type ProcessIdentity,
  processTree,
  signal,
} from "./process-identity.ts";
import { type SessionPlaces, writeWhole } from "./session-places.ts";
import { readExit, readIfThere, writeExit } from "./stored-session.ts";

/** The keeper is a shell: it writes down who it is within milliseconds, on a loaded machine in seconds. */
const PLACE_TAKEN_TIMEOUT_MS = 15_000;
/** The keeper's own patience with the server (3 s), and time to clean up. */
const POLITE_END_MS = 5_000;
const KILLED_TIMEOUT_MS = 10_000;
const INTRODUCTION_TIMEOUT_MS = 2_000;
const POLL_MS = 2;

/** Null when no keeper wrote down who it is. */
export function readKeeper(places: SessionPlaces): ProcessIdentity | null {
  const text = readIfThere(places.keeper);
  return text === null ? null : parseIdentity(text);
}

/** Resolves when the keeper runs; `onExit` is called when it ended, in this process's life. */
export async function startKeeper(parts: {
  readonly sandbox: Sandbox;
  readonly request: SandboxRequest;
  readonly places: SessionPlaces;
  readonly intervalSeconds: number;
  readonly onExit: () => void;
}): Promise<void> {
  const { places, sandbox } = parts;
  const command = sandbox.commandFor(parts.request);
  sandbox.prepare(parts.request);
  writeWhole(places.arguments, command.options ?? "");
  writeWhole(places.cgroups, command.cgroupDirectories.map((path) => `${path}\n`).join(""));
  rmSync(places.keeper, { force: true });
  const log = openSync(places.log, "a+", 0o600);
  try {
    const filter = command.seccompPath ?? "-";
    const interval = String(parts.intervalSeconds);
    const child = spawn(
      "/bin/sh",
      [sandbox.assets.keeper, places.directory, filter, interval, "--", ...command.argv],
      { cwd: "/", detached: true, env: { ...command.env }, stdio: ["ignore", log, log] },
    );
    const failed = new Promise<never>((_, reject) => child.once("error", reject));
    child.once("exit", parts.onExit);
    child.unref();
    await Promise.race([failed, until(() => readKeeper(places) !== null, PLACE_TAKEN_TIMEOUT_MS)]);
  } catch (cause) {
    throw new AppError("sandbox-unavailable", "The session's keeper could not be started.", {
      cause,
    });
  } finally {
    closeSync(log);
  }
  // It may have ended already: then its exit is written, and the session is seen as ended.
  if (readKeeper(places) === null) {
    throw new AppError("sandbox-unavailable", "The session's keeper did not start in time.");
  }
}

/** Ends the keeper and all below it; resolves when nothing is left and the end is written down. */
export async function endKeeper(
  places: SessionPlaces,
  end: SessionEnd,
  cgroupDirectories: readonly string[],
): Promise<void> {
  await endProcesses(places, end, cgroupDirectories);
  const { outOfMemoryKills } = readCgroup(cgroupDirectories);
  removeCgroup(cgroupDirectories);
  if (readExit(places) !== null) return;
  writeExit(places, { exitCode: null, end, outOfMemoryKills });
  // A keeper that is only being born looks for this file after it wrote down who it is: it sees the
  // file, or we see the keeper.
  await endProcesses(places, end, cgroupDirectories);
  removeCgroup(cgroupDirectories);
}

async function endProcesses(
  places: SessionPlaces,
  end: SessionEnd,
  cgroupDirectories: readonly string[],
): Promise<void> {
  await until(() => !isIntroducingItself(places), INTRODUCTION_TIMEOUT_MS);
  const keeper = readKeeper(places);
  if (keeper === null || !isAlive(keeper)) return await killAll([], cgroupDirectories);
  writeWhole(places.stopAs, `${end}\n`);
  const tree = processTree(keeper);
  signal(keeper, "SIGTERM");
  await until(() => !isAlive(keeper), POLITE_END_MS);
  await killAll([...tree, ...processTree(keeper)], cgroupDirectories);
}

/** Its file is there and not written yet. */
function isIntroducingItself(places: SessionPlaces): boolean {
  return existsSync(places.keeper) && readKeeper(places) === null;
}

async function killAll(
  tree: readonly ProcessIdentity[],
  cgroupDirectories: readonly string[],
): Promise<void> {
  const isGone = (): boolean => {
    const inGroup = processesIn(cgroupDirectories).map(identify);
    const left = [...tree, ...inGroup].filter((each) => each !== null).filter(isAlive);
    for (const each of left) signal(each, "SIGKILL");
    return left.length === 0;
  };
  if (!(await until(isGone, KILLED_TIMEOUT_MS))) {
    throw new AppError("internal", "Processes of a session could not be killed.");
  }
}

/** Looks until the condition holds; false when it did not in time. */
async function until(condition: () => boolean, timeoutMs: number): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  for (let pause = POLL_MS; !condition(); pause = Math.min(pause * 2, 50)) {
    if (performance.now() > deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
  return true;
}
