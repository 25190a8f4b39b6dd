/** Finds the Bindery that serves a data directory, for commands that speak to it. */
import { setTimeout as wait } from "node:timers/promises";
import { dataDirPaths, isDataDirHeld, readServerNote, type ServerNote } from "./data-dir.ts";

export type ServerState =
  | { readonly kind: "serving"; readonly note: ServerNote }
  /** A process holds the directory and does not serve yet: it installs, or it adopts sessions. */
  | { readonly kind: "starting" }
  | { readonly kind: "absent" };

const LOOK_AGAIN_MS = 100;

export async function serverOf(dataDir: string): Promise<ServerState> {
  if (!(await isDataDirHeld(dataDir, "supervisor"))) return { kind: "absent" };
  const note = readServerNote(dataDirPaths(dataDir));
  // A note without its process was left by one that was killed; another is on its way.
  return note !== null && isAlive(note.pid) ? { kind: "serving", note } : { kind: "starting" };
}

/** Waits while it starts, at most `waitMs`. */
export async function awaitServer(
  dataDir: string,
  { waitMs, onStarting }: { readonly waitMs: number; readonly onStarting?: () => void },
): Promise<ServerState> {
  const untilMs = performance.now() + waitMs;
  let state = await serverOf(dataDir);
  if (state.kind === "starting") onStarting?.();
  while (state.kind === "starting" && performance.now() < untilMs) {
    await wait(LOOK_AGAIN_MS);
    state = await serverOf(dataDir);
  }
  return state;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process may not be signalled, but it is there.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
