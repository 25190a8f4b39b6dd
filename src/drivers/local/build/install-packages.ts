/** Fills an environment: wheels where no code of a repository runs, everything else where it may. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { AppError, type Failure } from "#core/errors.ts";
import type { Plan, PlanStepKind } from "#core/environment/plan.ts";
import { type BuildGround, trustedRequest, untrustedRequest } from "./build-request.ts";
import { INSIDE, makeOwned } from "./build-places.ts";
import { explainFailure, packagesWithoutWheel, wantsSource } from "./explain-failure.ts";
import {
  dateOptions,
  type InstallerInputs,
  installerOptions,
  namesAddresses,
  splitHashes,
} from "#core/rendering/installer-inputs.ts";
import { removeTree } from "../session/home-content.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import { readPylock } from "./read-pylock.ts";
import type { StepOutcome, StepRunner } from "./step-runner.ts";
import type { BuildLog } from "./build-log.ts";

export interface Installation {
  readonly ground: BuildGround;
  readonly runner: StepRunner;
  readonly log: BuildLog;
  readonly inputs: InstallerInputs;
  readonly plan: Plan;
  /** Prefix of the names of sandboxes. */
  readonly name: string;
  /** The home as uv sees it. */
  readonly home: string;
}

export interface Installed {
  /** Its files are hard links into the shared cache; code of a repository must never write them. */
  readonly isLinked: boolean;
}

export const PYTHON = `${INSIDE.environment}/bin/python`;
/** Steps after it that run code which can write to the environment. */
const RUNNING: ReadonlySet<PlanStepKind> = new Set(["node", "r", "postBuild"]);
const SERVER_PACKAGES = ["jupyterlab", "notebook"];
/** Packages that turn out, one after the other, to have no wheel for this machine. */
const WITHOUT_WHEEL_MAX = 25;

/** Throws the failure of the step that failed. The environment's directory is empty at first. */
export async function installPackages(installation: Installation): Promise<Installed> {
  const { inputs, log, plan } = installation;
  await writeInputs(installation);
  await makeEnvironment(installation);
  let reason = inputs.needsCode;
  if (reason === null) {
    // Code that runs later could write through hard links into the shared cache.
    const isLinked = !plan.steps.some(({ kind }) => RUNNING.has(kind));
    const outcome = await installWheels(installation, isLinked ? "hardlink" : "copy");
    if (outcome.exitCode === 0) return { isLinked };
    if (!wantsSource(outcome.output)) throw failed(installation, "packages", outcome);
    reason = "not everything has a wheel";
  }
  log.say(`Packages are built from source: ${reason}.`);
  await installWithSources(installation);
  return { isLinked: false };
}

export async function writeInputs({ ground, inputs }: Installation): Promise<void> {
  const write = (name: string, lines: readonly string[]) =>
    writeFile(join(ground.build.inputs, name), lines.map((line) => `${line}\n`).join(""));
  await write("requirements.txt", inputs.requirements);
  await write("constraints.txt", inputs.constraints);
  await write("local.txt", inputs.local);
}

async function makeEnvironment(installation: Installation): Promise<void> {
  const { ground, runner, name } = installation;
  const command = [INSIDE.uv, "venv", "--quiet", "--no-project", "--allow-existing"];
  const outcome = await runner.run(
    "python",
    trustedRequest(ground, {
      name: `${name}-venv`,
      command: [...command, `--python=${ground.python.path}`, INSIDE.environment],
      network: "none",
      linkMode: "copy",
    }),
  );
  if (outcome.exitCode !== 0) throw failed(installation, "python", outcome);
}

/** The one step that most builds consist of. */
async function installWheels(
  installation: Installation,
  linkMode: "hardlink" | "copy",
): Promise<StepOutcome> {
  const { ground, inputs, runner, name } = installation;
  return runner.run(
    "packages",
    trustedRequest(ground, {
      name: `${name}-wheels`,
      command: [
        ...[INSIDE.uv, "pip", "install", `--python=${PYTHON}`, "--only-binary=:all:"],
        ...[`--requirements=${INSIDE.inputs}/requirements.txt`],
        ...constraintOptions(inputs),
        ...installerOptions(inputs.options, installation.home),
      ],
      network: trustedNetwork(installation),
      linkMode,
    }),
  );
}

/**
 * First what is needed is found out where code may run; then everything that has a wheel comes from
 * the shared cache, untouched by that code; then the rest is built where code may run.
 */
async function installWithSources(installation: Installation): Promise<void> {
  const { ground, inputs, runner, name } = installation;
  // With digests all would be downloaded here, only to be thrown away: they are checked afterwards.
  const { bare, hashes } = splitHashes(inputs.requirements);
  await writeFile(join(ground.build.inputs, "bare.txt"), bare.map((line) => `${line}\n`).join(""));
  const resolved = await runner.run(
    "packages",
    untrustedRequest(ground, {
      name: `${name}-resolve`,
      command: [
        ...[INSIDE.uv, "pip", "compile", `--python=${ground.python.path}`, "--quiet"],
        ...["--format=pylock.toml", `--output-file=${INSIDE.output}/pylock.toml`],
        ...[`${INSIDE.inputs}/bare.txt`, `${INSIDE.inputs}/local.txt`],
        ...sharedOptions(installation),
      ],
      network: untrustedNetwork(ground),
      environment: "none",
      hasHome: true,
    }),
  );
  if (resolved.exitCode !== 0) throw failed(installation, "packages", resolved);
  const wheels = await readPylock(join(ground.build.output, "pylock.toml"));
  const pins = wheels.map(({ name: one, version }) => `${one}==${version}`);
  await writeFile(join(ground.build.inputs, "resolved.txt"), `${pins.join("\n")}\n`);
  const hashed = wheels.map((one, index) => `${pins[index]}${hashes.get(one.name) ?? ""}`);
  await installResolvedWheels(installation, hashed);

  const built = await runner.run(
    "project",
    untrustedRequest(ground, {
      name: `${name}-sources`,
      command: [
        ...[INSIDE.uv, "pip", "install", `--python=${PYTHON}`],
        ...[`--requirements=${INSIDE.inputs}/requirements.txt`],
        ...(inputs.local.length > 0 ? [`--requirements=${INSIDE.inputs}/local.txt`] : []),
        `--constraints=${INSIDE.inputs}/resolved.txt`,
        ...sharedOptions(installation),
      ],
      network: untrustedNetwork(ground),
      environment: "read-write",
      hasHome: true,
    }),
  );
  if (built.exitCode !== 0) throw failed(installation, "project", built);
}

/** Those that have no wheel for this machine after all are left to the step after this one. */
async function installResolvedWheels(
  installation: Installation,
  pins: readonly string[],
): Promise<void> {
  const { ground, inputs, runner, name } = installation;
  let wanted = [...pins];
  for (let round = 0; round < WITHOUT_WHEEL_MAX && wanted.length > 0; round++) {
    await writeFile(join(ground.build.inputs, "wheels.txt"), `${wanted.join("\n")}\n`);
    const outcome = await runner.run(
      "packages",
      trustedRequest(ground, {
        name: `${name}-wheels-${round}`,
        command: [
          ...[INSIDE.uv, "pip", "install", `--python=${PYTHON}`, "--only-binary=:all:"],
          ...["--no-deps", `--requirements=${INSIDE.inputs}/wheels.txt`],
          ...installerOptions(withoutSources(inputs), installation.home),
        ],
        network: trustedNetwork(installation),
        linkMode: "copy",
      }),
      { isQuiet: round > 0 },
    );
    if (outcome.exitCode === 0) return;
    const without = new Set(packagesWithoutWheel(outcome.output));
    const left = wanted.filter((pin) => !without.has(pin.split("==")[0] ?? ""));
    if (left.length === wanted.length) throw failed(installation, "packages", outcome);
    wanted = left;
  }
}

export function sharedOptions({ ground, inputs, home }: Installation): readonly string[] {
  return [
    ...constraintOptions(inputs),
    ...installerOptions(inputs.options, home),
    // Without a way out uv would try for a while, and then say something less clear.
    ...(untrustedNetwork(ground) === "none" ? ["--offline"] : []),
  ];
}

function constraintOptions(inputs: InstallerInputs): readonly string[] {
  return [
    ...(inputs.constraints.length > 0 ? [`--constraints=${INSIDE.inputs}/constraints.txt`] : []),
    ...dateOptions(inputs),
  ];
}

export function untrustedNetwork(ground: BuildGround): "filtered" | "none" {
  return ground.hasEgress ? "filtered" : "none";
}

/**
 * Addresses that a repository names are reached as its sessions reach them, unless private ones are
 * allowed. Throws `host-refused` where such a way out cannot be had.
 */
function trustedNetwork({ ground, inputs }: Installation): "host" | "filtered" {
  if (ground.policy.allowPrivateHosts || !namesAddresses(inputs)) return "host";
  if (ground.hasEgress) return "filtered";
  throw new AppError("host-refused", "The requirements name addresses of their own.");
}

export function failed(installation: Installation, step: string, outcome: StepOutcome): AppError {
  const isOnline = step === "python" || installation.ground.hasEgress;
  return asError(explainFailure(outcome.output, { step, inputs: installation.inputs, isOnline }));
}

function asError(failure: Failure): AppError {
  const { code, message, detail } = failure;
  return new AppError(code, message, detail === undefined ? {} : { detail });
}

/**
 * Adds a Jupyter server to an environment that turned out to need one. One of hard links is made anew,
 * because what was installed may have brought code that runs when Python starts.
 */
export async function addServer(
  installation: Installation,
  context: {
    readonly sandbox: Sandbox;
    readonly isLinked: boolean;
    readonly packages: readonly { readonly name: string; readonly version: string }[];
  },
): Promise<void> {
  const { ground, inputs, log } = installation;
  log.say("An extension of the Jupyter server was installed: the server is installed too.");
  if (!context.isLinked) return addServerToCopy(installation, context.packages);
  await removeTree(ground.build.environment);
  makeOwned(ground.build.environment, context.sandbox);
  const again = {
    ...installation,
    inputs: { ...inputs, requirements: [...inputs.requirements, ...SERVER_PACKAGES] },
  };
  await writeInputs(again);
  await makeEnvironment(again);
  const outcome = await installWheels(again, "hardlink");
  if (outcome.exitCode !== 0) throw failed(again, "server", outcome);
}

async function addServerToCopy(
  installation: Installation,
  packages: readonly { readonly name: string; readonly version: string }[],
): Promise<void> {
  const { ground, inputs, name, runner, home } = installation;
  const pins = packages.map((one) => `${one.name}==${one.version}\n`).join("");
  await writeFile(join(ground.build.inputs, "present.txt"), pins);
  const outcome = await runner.run(
    "server",
    untrustedRequest(ground, {
      name: `${name}-server`,
      command: [
        ...[INSIDE.uv, "pip", "install", `--python=${PYTHON}`, "--only-binary=:all:"],
        ...[...SERVER_PACKAGES, `--constraints=${INSIDE.inputs}/present.txt`],
        ...installerOptions(withoutSources(inputs), home),
        ...dateOptions(inputs),
        ...(untrustedNetwork(ground) === "none" ? ["--offline"] : []),
      ],
      network: untrustedNetwork(ground),
      environment: "read-write",
      hasHome: false,
    }),
  );
  if (outcome.exitCode !== 0) throw failed(installation, "server", outcome);
}

/** The options that mean something where only wheels from indexes are installed. */
function withoutSources(inputs: InstallerInputs): InstallerInputs["options"] {
  return inputs.options.filter(
    ({ name, value }) =>
      name !== "no-binary" && (name !== "find-links" || (value ?? "").includes("://")),
  );
}
