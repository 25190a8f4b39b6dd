/** Runs a program in a process group of its own, with a time limit that ends the whole group. */
import { spawn } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { setPriority } from "node:os";

const GRACE_MS = 2000;

export interface Command {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly limitMs: number;
  /** Added to the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** `collect` keeps what the program prints for the result, `show` passes it on at once. */
  readonly output: "collect" | "show";
  /** It gets what processor time others leave. */
  readonly isBackground?: boolean;
}

export interface CommandResult {
  readonly isOk: boolean;
  readonly output: string;
  readonly durationMs: number;
}

const running = new Set<number>();

/** Never rejects: a program that cannot be started, or overruns, is a result that is not ok. */
export function runCommand(command: Command): Promise<CommandResult> {
  const { argv, cwd, limitMs } = command;
  const [program = "", ...args] = argv;
  const startedMs = performance.now();
  const stdio = command.output === "show" ? "inherit" : "pipe";
  const child = spawn(program, args, {
    cwd,
    env: { ...process.env, ...command.env },
    stdio: ["ignore", stdio, stdio],
    detached: true,
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => (output += text));
  }
  const { promise, resolve } = Promise.withResolvers<CommandResult>();
  const group = child.pid;
  if (command.isBackground === true && group !== undefined) yieldToOthers(group);
  let note = "";
  const limit = setTimeout(() => {
    note = `\nStopped: ${argv.join(" ")} took longer than its limit of ${limitMs / 1000} s.\n`;
    if (group !== undefined) stopGroup(group);
  }, limitMs);
  const end = (isOk: boolean) => {
    clearTimeout(limit);
    if (group !== undefined) running.delete(group);
    if (command.output === "show") process.stdout.write(note);
    resolve({
      isOk: isOk && note === "",
      output: output + note,
      durationMs: performance.now() - startedMs,
    });
  };
  if (group !== undefined) running.add(group);
  child.on("error", (error) => {
    note = `\n${program} could not be started: ${error.message}\n`;
    end(false);
  });
  child.on("close", (code) => end(code === 0));
  return promise;
}

const LAST = 19;

/** What it starts later inherits both. Linux shares time between sessions first, if it groups them at all. */
function yieldToOthers(pid: number): void {
  setPriority(pid, LAST);
  const autogroup = `/proc/${pid}/autogroup`;
  if (existsSync(autogroup)) writeFileSync(autogroup, String(LAST));
}

function stopGroup(group: number): void {
  signalGroup(group, "SIGTERM");
  setTimeout(() => signalGroup(group, "SIGKILL"), GRACE_MS).unref();
}

function signalGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal);
  } catch (error) {
    const isGone = error instanceof Error && "code" in error && error.code === "ESRCH";
    if (!isGone) throw error;
  }
}

/** Passes an interrupt on to everything that runs: groups of their own do not get it otherwise. */
export function stopWithMe(): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      for (const group of running) signalGroup(group, "SIGTERM");
      process.exit(130);
    });
  }
}
