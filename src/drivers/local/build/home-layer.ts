/** What a build changed in the repository's content: part of the environment, laid over each home. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "#core/errors.ts";
import { BOUND_ENVIRONMENT, programPath, type SandboxOwner, switchUser } from "../sandbox/owner.ts";

/** Files and directories that were changed or added, as they are in the home. */
const HOME_LAYER = "home-layer";
/** Paths inside the home that were removed, each followed by a NUL. */
const HOME_LAYER_REMOVED = "home-layer-removed";

/**
 * Does to the content in `home` what the build of `environment` (a directory of the store) did to it;
 * nothing when it did nothing. As the sandbox's user: neither tree is ours to trust.
 */
export async function applyHomeLayer(
  owner: SandboxOwner,
  places: { readonly environment: string; readonly home: string },
): Promise<void> {
  const layer = join(places.environment, HOME_LAYER);
  const removed = join(places.environment, HOME_LAYER_REMOVED);
  const isThere = (path: string) =>
    stat(path).then(
      () => true,
      () => false,
    );
  if (await isThere(removed)) {
    const rm = ["-0", "-r", programPath("rm"), "-rf", "--"];
    await run(
      [...switchUser(owner), programPath("xargs"), `--arg-file=${removed}`, ...rm],
      places.home,
    );
  }
  if (await isThere(layer)) {
    const options = [
      "--archive",
      "--no-dereference",
      "--remove-destination",
      "--no-target-directory",
    ];
    await run([...switchUser(owner), programPath("cp"), ...options, "--", layer, places.home], "/");
  }
}

async function run(command: readonly string[], workingDirectory: string): Promise<void> {
  const [file = "", ...args] = command;
  const child = spawn(file, args, {
    cwd: workingDirectory,
    env: { ...BOUND_ENVIRONMENT },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said = (said + text).slice(0, 2_000);
  });
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) {
    throw new AppError(
      "internal",
      "What the build changed in the home could not be laid over it.",
      {
        cause: said,
      },
    );
  }
}
