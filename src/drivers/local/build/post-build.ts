/** Runs the repository's postBuild as repo2docker does: in the home, as jovyan, by its own shebang. */
import { AppError } from "#core/errors.ts";
import { plannedVariables } from "../session/planned-variables.ts";
import { INSIDE } from "./build-places.ts";
import { untrustedRequest } from "./build-request.ts";
import { type Installation, untrustedNetwork } from "./install-packages.ts";

/** Throws `post-build-failed` with the exit code. */
export async function runPostBuild(installation: Installation, path: string): Promise<void> {
  const { ground, log, name, plan, runner } = installation;
  log.say(`Running ${path}`);
  const request = untrustedRequest(ground, {
    name: `${name}-post`,
    // Constant text; the path is an argument. A script without a shebang is the shell's.
    command: ["/bin/sh", "-c", 'chmod +x -- "$1" && exec "$1"', "sh", `${INSIDE.home}/${path}`],
    network: untrustedNetwork(ground),
    environment: "read-write",
    hasHome: true,
    variables: {
      ...plannedVariables(plan, (text) => text),
      UV_CACHE_DIR: "/tmp/uv-cache",
      PIP_CACHE_DIR: "/tmp/pip-cache",
      npm_config_cache: "/tmp/npm-cache",
    },
  });
  const outcome = await runner.run("postBuild", {
    ...request,
    overlays: [],
    // Its output is a real pipe, for scripts that write to /dev/stdout.
    init: { logBytes: Number.MAX_SAFE_INTEGER, logCopy: null, startScript: null },
  });
  if (outcome.exitCode === 0) return;
  const how = outcome.exitCode === null ? "was killed" : `ended with exit code ${outcome.exitCode}`;
  const files = plan.steps.find(({ kind }) => kind === "postBuild")?.files;
  throw new AppError("post-build-failed", `${path} ${how}.`, {
    detail: { step: "postBuild", file: files?.[0] ?? path },
  });
}
