/** Runs a short-lived program of ours to its end: bounded in time and output, never a shell. */
import { spawn } from "node:child_process";

/** The variables with which Bindery was started; handed down from `app`, never read here. */
export type HostEnvironment = Readonly<Record<string, string | undefined>>;

export interface ProgramOptions {
  readonly env: HostEnvironment;
  readonly workingDirectory?: string;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  /** Of each of the two streams; the end is kept. */
  readonly outputMaxBytes?: number;
}

export type ProgramOutcome =
  | {
      readonly kind: "exited";
      /** Null when a signal ended it. */
      readonly code: number | null;
      readonly stdout: string;
      readonly stderr: string;
    }
  | { readonly kind: "timed-out" }
  | { readonly kind: "aborted" }
  /** The program does not exist or may not be run. */
  | { readonly kind: "not-started"; readonly because: string };

const OUTPUT_MAX_BYTES = 1024 * 1024;

/** Never throws. The program gets a process group of its own, so that its children end with it. */
export function runProgram(
  argv: readonly [string, ...string[]],
  options: ProgramOptions,
): Promise<ProgramOutcome> {
  const [program, ...args] = argv;
  return new Promise((resolve) => {
    if (options.signal?.aborted === true) return resolve({ kind: "aborted" });
    const child = spawn(program, args, {
      env: definedOnly(options.env),
      cwd: options.workingDirectory,
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    const max = options.outputMaxBytes ?? OUTPUT_MAX_BYTES;
    const stdout = new Tail(max);
    const stderr = new Tail(max);
    child.stdout.on("data", (chunk: Buffer) => stdout.add(chunk));
    child.stderr.on("data", (chunk: Buffer) => stderr.add(chunk));

    let ended: ProgramOutcome | null = null;
    const endBecause = (outcome: ProgramOutcome) => {
      ended ??= outcome;
      killGroup(child.pid);
    };
    const timer = setTimeout(() => endBecause({ kind: "timed-out" }), options.timeoutMs);
    const onAbort = () => endBecause({ kind: "aborted" });
    options.signal?.addEventListener("abort", onAbort, { once: true });
    const finish = (outcome: ProgramOutcome) => {
      clearTimeout(timer);
      options.signal?.removeEventListener("abort", onAbort);
      resolve(ended ?? outcome);
    };
    child.once("error", (error) => finish({ kind: "not-started", because: error.message }));
    child.once("close", (code) =>
      finish({ kind: "exited", code, stdout: stdout.text(), stderr: stderr.text() }),
    );
  });
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error) {
    // The group is gone already: that is what was wanted.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

function definedOnly(env: HostEnvironment): Record<string, string> {
  const entries = Object.entries(env).filter((entry): entry is [string, string] => {
    return entry[1] !== undefined;
  });
  return Object.fromEntries(entries);
}

/** The last bytes of a stream. */
class Tail {
  readonly #maxBytes: number;
  #chunks: Buffer[] = [];
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  add(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    while (
      this.#chunks.length > 1 &&
      this.#bytes - (this.#chunks[0]?.length ?? 0) >= this.#maxBytes
    ) {
      this.#bytes -= this.#chunks.shift()?.length ?? 0;
    }
  }

  text(): string {
    return Buffer.concat(this.#chunks).subarray(-this.#maxBytes).toString("utf8");
  }
}
