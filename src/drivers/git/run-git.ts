/** Runs Git as a child: bounded in time and output, and gone with all its children when stopped. */
import { type ChildProcess, spawn } from "node:child_process";
import { KIB, MIB, SECOND_MS } from "#base/units.ts";

const ERRORS_KEPT_BYTES = 64 * KIB;
const LINE_LENGTH_MAX = 4 * KIB;
/** After SIGTERM Git removes its temporary files; what does not end then is killed. */
const STOP_GRACE_MS = 1 * SECOND_MS;
const SMALL_OUTPUT_BYTES = 1 * MIB;

export interface ChildRun {
  /** `git`, or another program where it says so. */
  readonly command?: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** The whole environment; nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly input?: string | Uint8Array;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly outputBytesMax?: number;
  /** Takes the output as it comes instead of having it kept; false ends the child. */
  readonly onOutput?: (chunk: Buffer) => boolean;
  /** Each line of stderr, progress lines too, without control characters. */
  readonly onErrorLine?: (line: string) => void;
}

export type ChildOutcome =
  | {
      readonly kind: "exited";
      /** Null when a signal ended it from outside. */
      readonly code: number | null;
      readonly output: Buffer;
      /** The end of stderr. */
      readonly errors: string;
    }
  | {
      readonly kind: "stopped";
      readonly because: "aborted" | "timeout" | "output-limit" | "caller";
    };

/** Resolves when the child is gone; rejects only when it cannot be started. */
export async function runChild(run: ChildRun): Promise<ChildOutcome> {
  if (run.signal.aborted) return { kind: "stopped", because: "aborted" };
  const child = spawn(run.command ?? "git", run.args, {
    cwd: run.cwd,
    env: { ...run.env },
    // A group of its own: helpers (git-remote-https, index-pack) are ended with it. No terminal.
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
  });
  const life = childLife(child, run);
  const output = collectOutput(child, run, life.stop);
  const errors = collectErrors(child, run.onErrorLine);
  // A child that ends early closes its input; what it missed does not matter then.
  child.stdin.on("error", () => undefined);
  child.stdin.end(run.input);
  const code = await life.ended;
  const because = life.stoppedBecause();
  if (because !== null) return { kind: "stopped", because };
  return { kind: "exited", code, output: Buffer.concat(output), errors: errors() };
}

type StopReason = Extract<ChildOutcome, { kind: "stopped" }>["because"];

function childLife(child: ChildProcess, { signal, timeoutMs }: ChildRun) {
  let reason: StopReason | null = null;
  let killTimer: NodeJS.Timeout | undefined;
  const stop = (because: StopReason) => {
    if (reason !== null) return;
    reason = because;
    killGroup(child, "SIGTERM");
    killTimer = setTimeout(() => killGroup(child, "SIGKILL"), STOP_GRACE_MS);
  };
  const timer = setTimeout(() => stop("timeout"), timeoutMs);
  const onAbort = () => stop("aborted");
  signal.addEventListener("abort", onAbort, { once: true });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  }).finally(() => {
    clearTimeout(timer);
    clearTimeout(killTimer);
    signal.removeEventListener("abort", onAbort);
  });
  return { ended, stop, stoppedBecause: () => reason };
}

function killGroup(child: ChildProcess, signal: "SIGTERM" | "SIGKILL"): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    // ESRCH: the whole group has ended by itself.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

function collectOutput(child: ChildProcess, run: ChildRun, stop: (because: StopReason) => void) {
  const chunks: Buffer[] = [];
  const { onOutput, outputBytesMax = SMALL_OUTPUT_BYTES } = run;
  let bytes = 0;
  child.stdout?.on("data", (chunk: Buffer) => {
    if (onOutput !== undefined) {
      if (!onOutput(chunk)) stop("caller");
      return;
    }
    bytes += chunk.length;
    if (bytes > outputBytesMax) stop("output-limit");
    else chunks.push(chunk);
  });
  return chunks;
}

function collectErrors(child: ChildProcess, onLine: ((line: string) => void) | undefined) {
  let kept = "";
  let pending = "";
  child.stderr?.setEncoding("utf8");
  child.stderr?.on("data", (text: string) => {
    kept = (kept + text).slice(-ERRORS_KEPT_BYTES);
    if (onLine === undefined) return;
    const lines = (pending + text).split(/[\r\n]/);
    pending = (lines.pop() ?? "").slice(0, LINE_LENGTH_MAX);
    for (const line of lines) {
      const clean = line
        .replaceAll(/\p{Cc}/gu, "")
        .trim()
        .slice(0, LINE_LENGTH_MAX);
      if (clean !== "") onLine(clean);
    }
  });
  return () => kept;
}
