/** The last steps of a build: the kernel made absolute, changes in the home kept, the lock written. */
import { readFile, writeFile } from "node:fs/promises";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { MIB } from "#base/units.ts";
import { AppError } from "#core/errors.ts";
import { type BuildGround, untrustedRequest } from "./build-request.ts";
import { INSIDE, makeOwned } from "./build-places.ts";
import type { Installation } from "./install-packages.ts";
import { removeTree } from "../session/home-content.ts";
import { BOUND_ENVIRONMENT } from "../sandbox/owner.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";

export interface InstalledPackage {
  readonly name: string;
  readonly version: string;
  /** Where it came from when not from an index. */
  readonly origin: string | null;
}

export interface FinishReport {
  readonly kernels: readonly string[];
  readonly packages: readonly InstalledPackage[];
  /** `name=version`. */
  readonly r: readonly string[];
  /** `name@version integrity`. */
  readonly npm: readonly string[];
  /** Modules that the environment would load into a Jupyter server. */
  readonly serverExtensions: readonly string[];
  readonly hasHomeLayer: boolean;
  readonly sizeBytes: number;
}

const execute = promisify(execFile);
const LISTING_BYTES_MAX = 256 * MIB;

/** Notes what the home is like before code of the repository runs: what differs later is kept. */
export async function noteHome(ground: BuildGround): Promise<void> {
  const { home, inputs } = ground.build;
  const { stdout } = await execute(
    "find",
    [home, "-mindepth", "1", "-printf", "%C@ %T@ %s %P\\0"],
    {
      encoding: "buffer",
      maxBuffer: LISTING_BYTES_MAX,
      env: { ...BOUND_ENVIRONMENT },
    },
  );
  await writeFile(join(inputs, "home-before"), stdout);
}

/** Where npm has installed, or null. */
function npmDirectory({ steps }: Installation["plan"]): string | null {
  const step = steps.find(({ kind }) => kind === "node");
  if (step?.kind !== "node") return null;
  return step.directory === "" ? INSIDE.home : `${INSIDE.home}/${step.directory}`;
}

/** Runs our script in a sandbox of the environment; nothing else runs in it any more. */
export async function finishEnvironment(
  installation: Installation,
  context: { readonly sandbox: Sandbox; readonly hasHome: boolean },
): Promise<FinishReport> {
  const { ground, runner, name } = installation;
  // Code of the repository could write here before: the report must be ours.
  await removeTree(ground.build.output);
  makeOwned(ground.build.output, context.sandbox);
  const options = {
    environment: INSIDE.environment,
    report: `${INSIDE.output}/report.json`,
    home: context.hasHome ? INSIDE.home : null,
    npm: npmDirectory(installation.plan),
    homeBefore: `${INSIDE.inputs}/home-before`,
  };
  const outcome = await runner.run(
    "finish",
    untrustedRequest(ground, {
      name: `${name}-finish`,
      command: [
        ...[ground.python.path, "-I", "-S", "-B", `${INSIDE.programs}/finish.py`],
        JSON.stringify(options),
      ],
      network: "none",
      environment: "read-write",
      hasHome: context.hasHome,
    }),
    { isQuiet: true },
  );
  if (outcome.exitCode !== 0) {
    throw new AppError("install-failed", "The environment cannot be read back.", {
      cause: outcome.output,
      detail: { step: "finish" },
    });
  }
  return JSON.parse(
    await readFile(join(ground.build.output, "report.json"), "utf8"),
  ) as FinishReport;
}
