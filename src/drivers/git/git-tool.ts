/** Git with our environment: what all parts of the driver call. */
import { AppError } from "#core/errors.ts";
import { type Environment, gitConfig, gitEnvironment } from "./git-environment.ts";
import { gitFault } from "./git-failure.ts";
import { type ChildOutcome, runChild } from "./run-git.ts";

export interface GitCall {
  /** Another program than Git, in the same environment. */
  readonly command?: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  readonly config?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string | Uint8Array;
  readonly outputBytesMax?: number;
  readonly onOutput?: (chunk: Buffer) => boolean;
  readonly onErrorLine?: (line: string) => void;
}

export interface GitTool {
  /** Whatever Git answers. */
  run(call: GitCall): Promise<ChildOutcome>;
  /** Git's output; throws what its failure means, and `launch-cancelled` when aborted. */
  output(call: GitCall): Promise<Buffer>;
}

export function createGitTool(env: Environment): GitTool {
  const run = async ({ args, config, env: more, ...call }: GitCall): Promise<ChildOutcome> => {
    try {
      return await runChild({
        ...call,
        args: call.command === undefined ? [...gitConfig(config), ...args] : args,
        env: gitEnvironment(env, more),
      });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
      const name = call.command ?? "git";
      throw new AppError("tool-missing", `${name} is not installed.`, { cause: error });
    }
  };
  return {
    run,
    async output(call) {
      const outcome = await run(call);
      if (outcome.kind === "stopped") throw stoppedFault(outcome.because);
      if (outcome.code !== 0) throw gitFault(outcome.errors);
      return outcome.output;
    },
  };
}

/** The fault of a child that was ended before its time. */
export function stoppedFault(
  because: Extract<ChildOutcome, { kind: "stopped" }>["because"],
): AppError {
  switch (because) {
    case "aborted":
      return new AppError("launch-cancelled");
    case "timeout":
      return new AppError("repo-unreachable", "The host took too long to answer.");
    case "output-limit":
    case "caller":
      return new AppError(
        "repo-too-large",
        "The repository has more refs or files than the limit.",
      );
  }
}
