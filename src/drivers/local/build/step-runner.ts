/** Runs the steps of a build one after the other, under its limits, and says why one ended early. */
import { execFile } from "node:child_process";
import { statfs } from "node:fs/promises";
import { promisify } from "node:util";
import { AppError, type FailureDetail } from "#core/errors.ts";
import { formatBytes, formatDuration, SECOND_MS } from "#base/units.ts";
import type { Policy } from "#core/policy.ts";
import type { Clock } from "#ports/clock.ts";
import { BOUND_ENVIRONMENT, programPath, switchUser } from "../sandbox/owner.ts";
import type { SandboxRequest } from "../sandbox/request.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import type { BuildLog } from "./build-log.ts";

export interface StepOutcome {
  /** Null when a signal ended it. */
  readonly exitCode: number | null;
  /** The end of what it said, free of secrets. */
  readonly output: string;
}

export interface StepRunner {
  /**
   * Throws `build-interrupted`, `build-too-long`, `build-out-of-memory`, `build-out-of-disk` or
   * `disk-full`. `isQuiet`: what it says is not told, only returned;
   * `linesMax` of it.
   */
  run(
    step: string,
    request: SandboxRequest,
    options?: { readonly isQuiet?: boolean; readonly linesMax?: number },
  ): Promise<StepOutcome>;
}

export interface StepLimits {
  readonly sandbox: Sandbox;
  readonly policy: Policy;
  readonly clock: Clock;
  readonly log: BuildLog;
  readonly signal: AbortSignal;
  /** What the build writes. */
  readonly directories: readonly string[];
  readonly beganAtMonotonicMs: number;
}

const OUTPUT_LINES_MAX = 1_000;
const DISK_LOOK_INTERVAL_MS = 2 * SECOND_MS;
const DISK_LOOK_TIMEOUT_MS = 20 * SECOND_MS;

export function createStepRunner(limits: StepLimits): StepRunner {
  const { clock, log, policy, sandbox, signal } = limits;
  return {
    run: async (step, request, options = {}) => {
      const spentMs = clock.monotonicMs() - limits.beganAtMonotonicMs;
      const timeoutMs = policy.buildTimeoutMs - spentMs;
      if (timeoutMs <= 0) throw tooLong(policy, { step });
      const lines: string[] = [];
      const linesMax = options.linesMax ?? OUTPUT_LINES_MAX;
      const watch = watchDisk(limits);
      try {
        const outcome = await sandbox.run(request, {
          signal: AbortSignal.any([signal, watch.signal]),
          timeoutMs,
          onLine: (line) => {
            lines.push(log.redact(line));
            if (lines.length > linesMax) lines.shift();
            if (options.isQuiet !== true) log.say(line);
          },
        });
        const reason = watch.reason();
        if (reason !== null && outcome.aborted) throw reason;
        if (outcome.aborted)
          throw new AppError("build-interrupted", undefined, { detail: { step } });
        if (outcome.timedOut) throw tooLong(policy, { step });
        if (outcome.outOfMemory && outcome.exitCode !== 0) {
          const size = formatBytes(policy.buildMemoryBytes);
          throw new AppError(
            "build-out-of-memory",
            `The build needed more than ${size} of memory.`,
            {
              detail: { step },
            },
          );
        }
        return { exitCode: outcome.exitCode, output: lines.join("\n") };
      } finally {
        watch.stop();
      }
    },
  };
}

function tooLong(policy: Policy, detail: FailureDetail): AppError {
  const limit = formatDuration(policy.buildTimeoutMs);
  return new AppError("build-too-long", `The build took longer than ${limit}.`, { detail });
}

interface Watch {
  readonly signal: AbortSignal;
  reason(): AppError | null;
  stop(): void;
}

/** Looks at what the build has written and at what the disk has left, now and then. */
function watchDisk(limits: StepLimits): Watch {
  const { clock, policy, sandbox } = limits;
  const controller = new AbortController();
  let reason: AppError | null = null;
  let cancelTimer: () => void = () => undefined;
  let isStopped = false;

  const look = async (): Promise<void> => {
    const [directory = "/"] = limits.directories;
    const { bavail, bsize } = await statfs(directory);
    if (bavail * bsize < policy.freeDiskMinBytes) {
      reason = new AppError("disk-full");
    } else if ((await usedBytes(sandbox, limits.directories)) > policy.buildDiskBytes) {
      const size = formatBytes(policy.buildDiskBytes);
      reason = new AppError("build-out-of-disk", `The build needed more than ${size} of disk.`);
    }
    if (reason !== null) controller.abort();
  };
  const schedule = (): void => {
    cancelTimer = clock.setTimer(DISK_LOOK_INTERVAL_MS, () => {
      look()
        // The directories may vanish at the end of the build; the next look says if it matters.
        .catch(() => undefined)
        .finally(() => {
          if (!isStopped && reason === null) schedule();
        });
    });
  };
  schedule();
  return {
    signal: controller.signal,
    reason: () => reason,
    stop: () => {
      isStopped = true;
      cancelTimer();
    },
  };
}

const execute = promisify(execFile);

/** As the sandbox's user, so that a tree full of links and races costs us nothing. */
async function usedBytes(sandbox: Sandbox, directories: readonly string[]): Promise<number> {
  const command = [...switchUser(sandbox.owner), programPath("du"), "-sxcB1", "--", ...directories];
  const [file = "", ...args] = command;
  const { stdout } = await execute(file, args, {
    env: { ...BOUND_ENVIRONMENT },
    cwd: "/",
    timeout: DISK_LOOK_TIMEOUT_MS,
  }).catch((error: { stdout?: string }) => ({ stdout: error.stdout ?? "" }));
  return Number(/^(\d+)\ttotal$/m.exec(stdout)?.[1] ?? 0);
}
