/** Runs a sandbox to its end, line by line: for builds and for trials. */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import type { Readable, Writable } from "node:stream";
import { AppError } from "#core/errors.ts";
import { ARGUMENTS_FD } from "./bubblewrap-arguments.ts";
import { processesIn, readCgroup, removeCgroup } from "./cgroups.ts";
import type { SandboxCommand } from "./sandbox-command.ts";

export interface RunOptions {
  readonly signal: AbortSignal;
  /** Without the line's end; very long lines come in pieces. */
  readonly onLine: (line: string, stream: "stdout" | "stderr") => void;
  readonly timeoutMs: number;
}

export interface RunOutcome {
  /** Null when a signal ended it. */
  readonly exitCode: number | null;
  /** Some process in it was killed for memory; it may have gone on without. */
  readonly outOfMemory: boolean;
  readonly timedOut: boolean;
  readonly aborted: boolean;
}

const LINE_CHARACTERS_MAX = 16_384;
/** How long the kernel may take to bury killed processes before we say that something is wrong. */
const BURIAL_TIMEOUT_MS = 10_000;
const BURIAL_POLL_MS = 5;

export async function runCommand(
  command: SandboxCommand,
  options: RunOptions,
): Promise<RunOutcome> {
  const directories = command.cgroupDirectories;
  if (options.signal.aborted) {
    removeCgroup(directories);
    return { exitCode: null, outOfMemory: false, timedOut: false, aborted: true };
  }
  const child = start(command);
  let endedBy: "timeout" | "abort" | null = null;
  const end = (by: "timeout" | "abort"): void => {
    endedBy ??= by;
    killTree(child, directories);
  };
  const onAbort = (): void => end("abort");
  const timer = setTimeout(() => end("timeout"), options.timeoutMs);
  options.signal.addEventListener("abort", onAbort, { once: true });
  try {
    const exitCode = await ended(child, options);
    await bury(child, directories);
    const outOfMemory = readCgroup(directories).outOfMemoryKills > 0;
    return { exitCode, outOfMemory, timedOut: endedBy === "timeout", aborted: endedBy === "abort" };
  } finally {
    clearTimeout(timer);
    options.signal.removeEventListener("abort", onAbort);
    removeCgroup(directories);
  }
}

function start(command: SandboxCommand): ChildProcess {
  const [file = "", ...args] = command.argv;
  const seccomp = command.seccompPath === null ? null : openSync(command.seccompPath, "r");
  try {
    const child = spawn(file, args, {
      cwd: "/",
      env: { ...command.env },
      // Its own process group, so that without a sandbox the whole group can be killed.
      detached: true,
      stdio:
        seccomp === null ? ["ignore", "pipe", "pipe"] : ["ignore", "pipe", "pipe", seccomp, "pipe"],
    });
    const options = child.stdio[ARGUMENTS_FD] as Writable | null | undefined;
    // Bubblewrap may be dead before it read them: its exit says why.
    options?.on("error", () => undefined);
    options?.end(command.options ?? "");
    return child;
  } finally {
    if (seccomp !== null) closeSync(seccomp);
  }
}

function ended(child: ChildProcess, { onLine }: RunOptions): Promise<number | null> {
  if (child.stdout !== null) readLines(child.stdout, (line) => onLine(line, "stdout"));
  if (child.stderr !== null) readLines(child.stderr, (line) => onLine(line, "stderr"));
  return new Promise((resolve, reject) => {
    child.once("error", (cause) =>
      reject(new AppError("sandbox-unavailable", "The sandbox could not be started.", { cause })),
    );
    child.once("close", (code) => resolve(code));
  });
}

function readLines(stream: Readable, onLine: (line: string) => void): void {
  let rest = "";
  stream.setEncoding("utf8");
  stream.on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) onLine(line.endsWith("\r") ? line.slice(0, -1) : line);
    while (rest.length > LINE_CHARACTERS_MAX) {
      onLine(rest.slice(0, LINE_CHARACTERS_MAX));
      rest = rest.slice(LINE_CHARACTERS_MAX);
    }
  });
  stream.on("end", () => {
    if (rest !== "") onLine(rest);
  });
}

/** With bubblewrap its death is the death of all inside; the group and the cgroup are for without. */
function killTree(child: ChildProcess, directories: readonly string[]): void {
  if (child.pid !== undefined) kill(-child.pid);
  for (const pid of processesIn(directories)) kill(pid);
}

/** What the command left behind in the background ends with it. */
async function bury(child: ChildProcess, directories: readonly string[]): Promise<void> {
  if (child.pid !== undefined) kill(-child.pid);
  const deadline = performance.now() + BURIAL_TIMEOUT_MS;
  let left = processesIn(directories);
  while (left.length > 0) {
    if (performance.now() > deadline) {
      throw new AppError("internal", `Processes of a sandbox could not be killed: ${left.length}.`);
    }
    for (const pid of left) kill(pid);
    await new Promise((resolve) => setTimeout(resolve, BURIAL_POLL_MS));
    left = processesIn(directories);
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
