/** Debian packages without root: dpkg installs them into a layer that sandboxes lay over the system. */
import { copyFile, link, mkdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { AppError } from "#core/errors.ts";
import type { AptStep } from "#core/environment/plan.ts";
import type { Clock } from "#ports/clock.ts";
import { makeOwned, INSIDE } from "./build-places.ts";
import type { BuildGround } from "./build-request.ts";
import { trustedRequest } from "./build-request.ts";
import { downloadArchives } from "./apt-download.ts";
import { explainDpkg } from "./apt-output.ts";
import type { BuildLog } from "./build-log.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import type { SandboxRequest } from "../sandbox/request.ts";
import { type SystemLayer, systemLayerAt, WRITTEN_PARTS } from "../sandbox/system-layer.ts";
import type { HostEnvironment } from "../tools/run-program.ts";
import type { StepRunner } from "./step-runner.ts";

export interface AptParts {
  readonly ground: BuildGround;
  readonly runner: StepRunner;
  readonly log: BuildLog;
  readonly sandbox: Sandbox;
  readonly clock: Clock;
  readonly env: HostEnvironment;
  readonly signal: AbortSignal;
  /** Prefix of the names of sandboxes. */
  readonly name: string;
}

/** What was installed over the machine's own system. */
export interface AptPackage {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  /** Of the archive. */
  readonly sha256: string;
}

export interface AptInstalled {
  readonly layer: SystemLayer;
  readonly packages: readonly AptPackage[];
  readonly sizeBytes: number;
}

/** One apt at a time: it works in directories that all builds share. */
let turn: Promise<unknown> = Promise.resolve();

/** Null when the machine has them all. Throws the failure of the step. */
export async function installApt(step: AptStep, parts: AptParts): Promise<AptInstalled | null> {
  if (step.asOf !== null) {
    const detail = { step: "apt", ...(step.files[0] === undefined ? {} : { file: step.files[0] }) };
    const message = `Debian packages as of ${step.asOf} need the container builder.`;
    throw new AppError("config-unsupported", message, { detail });
  }
  const { ground } = parts;
  const archives = await download(step, parts);
  if (archives.length === 0) return null;
  const places = {
    layer: join(ground.build.work, "system"),
    work: join(ground.build.work, "system-work"),
    packages: join(ground.build.inputs, "debs"),
  };
  for (const directory of [places.layer, places.work]) makeOwned(directory, parts.sandbox);
  await mkdir(places.packages, { mode: 0o755 });
  for (const path of archives) await linkOrCopy(path, join(places.packages, basename(path)));
  const packages = await program<readonly AptPackage[]>("prepare", places, parts);
  await runDpkg(step, places, parts);
  const { sizeBytes } = await program<{ readonly sizeBytes: number }>("tidy", places, parts);
  const layer = systemLayerAt(places.layer, parts.sandbox.assets.etcDirectories);
  if (layer === null) throw new AppError("internal", "The layer of Debian packages is not there.");
  return { layer, packages, sizeBytes };
}

async function download(step: AptStep, parts: AptParts): Promise<readonly string[]> {
  const { ground, clock, env, log, signal } = parts;
  const work = turn.then(() =>
    downloadArchives(step.packages, {
      ...{ clock, env, signal },
      directory: join(ground.places.apt),
      timeoutMs: ground.policy.buildTimeoutMs,
      bytesMax: ground.policy.buildDiskBytes,
      say: (line) => log.say(line),
    }),
  );
  // The next one waits for it, however it ends.
  turn = work.catch(() => undefined);
  return await work;
}

interface LayerPlaces {
  readonly layer: string;
  readonly work: string;
  readonly packages: string;
}

const LAYER = "/srv/layer";
const WORK = "/srv/layer-work";

async function program<T>(
  what: "prepare" | "tidy",
  places: LayerPlaces,
  parts: AptParts,
): Promise<T> {
  const report = `${INSIDE.output}/apt-${what}.json`;
  const { ground, name, runner } = parts;
  const options = { do: what, layer: LAYER, work: WORK, packages: `${INSIDE.inputs}/debs`, report };
  const writable = (source: string, target: string) =>
    ({ source, target, mode: "read-write" }) as const;
  const request = layerRequest(parts, {
    name: `${name}-apt-${what}`,
    command: [
      ...["/usr/bin/python3", "-I", "-S", "-B", `${INSIDE.programs}/system_layer.py`],
      JSON.stringify(options),
    ],
    binds: [
      writable(places.layer, LAYER),
      writable(places.work, WORK),
      writable(ground.build.output, INSIDE.output),
    ],
  });
  // It looks at the machine's own directories, which a sandbox does not show otherwise.
  const looks = ["/etc", "/var/lib", "/var/cache", "/opt"].map(
    (path) => ({ source: path, target: path, mode: "read-only" }) as const,
  );
  const outcome = await runner.run("apt", { ...request, binds: [...looks, ...request.binds] });
  if (outcome.exitCode !== 0) {
    throw new AppError("install-failed", "The layer of Debian packages could not be made.", {
      cause: outcome.output,
      detail: { step: "apt" },
    });
  }
  return JSON.parse(await readFile(join(ground.build.output, `apt-${what}.json`), "utf8")) as T;
}

/** dpkg runs the packages' own scripts, too; they come from the machine's archive, not from a repository. */
async function runDpkg(step: AptStep, places: LayerPlaces, parts: AptParts): Promise<void> {
  const request = layerRequest(parts, {
    name: `${parts.name}-dpkg`,
    command: [
      ...["/usr/bin/dpkg", "--force-unsafe-io", "--force-confnew", "--recursive", "--install"],
      `${INSIDE.inputs}/debs`,
    ],
    binds: [],
  });
  const outcome = await parts.runner.run("apt", {
    ...request,
    systemLayer: { directory: places.layer, work: places.work, parts: WRITTEN_PARTS },
    variables: { ...request.variables, HOME: "/tmp", PATH: "/usr/sbin:/usr/bin:/sbin:/bin" },
  });
  if (outcome.exitCode === 0) return;
  const { code, message, detail } = explainDpkg(outcome.output, step.packages);
  throw new AppError(code, message, detail === undefined ? {} : { detail });
}

function layerRequest(
  { ground }: AptParts,
  { binds, ...options }: Pick<SandboxRequest, "name" | "command" | "binds">,
): SandboxRequest {
  const request = trustedRequest(ground, { ...options, network: "none", linkMode: "copy" });
  const inputs = { source: ground.build.inputs, target: INSIDE.inputs, mode: "read-only" } as const;
  const programs = {
    source: ground.places.programs,
    target: INSIDE.programs,
    mode: "read-only",
  } as const;
  return { ...request, binds: [inputs, programs, ...binds], symlinks: [] };
}

async function linkOrCopy(from: string, to: string): Promise<void> {
  await link(from, to).catch(() => copyFile(from, to));
}
