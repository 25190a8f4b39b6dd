/** One build, from nothing to a whole environment with its record, or to a typed failure. */
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { rename, writeFile } from "node:fs/promises";
import { AppError } from "#core/errors.ts";
import { formatDuration } from "#base/units.ts";
import type { Environment } from "#core/environment/environment.ts";
import type { Plan } from "#core/environment/plan.ts";
import type { BuildRequest } from "#ports/environment-builder.ts";
import type { PythonInterpreter } from "../tools/pythons.ts";
import { whyServerOfItsOwn } from "./brought-server.ts";
import type { BuildLog } from "./build-log.ts";
import type { BuildGround } from "./build-request.ts";
import {
  type BuildPlaces,
  type BuilderPlaces,
  INSIDE,
  SYSTEM_LAYER,
  buildPlaces,
} from "./build-places.ts";
import { type AptInstalled, type AptParts, installApt } from "./install-apt.ts";
import { besidePath, type StoredEnvironment, writeRecord } from "./environment-record.ts";
import { type FinishReport, finishEnvironment, noteHome } from "./finish-environment.ts";
import type { HostIndex } from "./host-index.ts";
import { type CondaInstalled, installConda } from "./install-conda.ts";
import { installIntoConda, noteActivation } from "./install-into-conda.ts";
import { installNode } from "./install-node.ts";
import { installerInputs } from "#core/rendering/installer-inputs.ts";
import { addServer, type Installation, installPackages } from "./install-packages.ts";
import type { LocalBuilderOptions } from "./builder-options.ts";
import { installR } from "./install-r.ts";
import { runPostBuild } from "./post-build.ts";
import { exportLock, makeBuildPlaces, needsContent } from "./prepare-build.ts";
import { removeTree } from "../session/home-content.ts";
import { writeLock } from "./write-lock.ts";
import { createStepRunner } from "./step-runner.ts";

export interface BuildParts {
  readonly options: LocalBuilderOptions;
  readonly places: BuilderPlaces;
  readonly index: HostIndex;
  readonly log: BuildLog;
  readonly signal: AbortSignal;
  /** Tells the directories of two builds apart. */
  readonly nonce: string;
}

/** Throws an `AppError` for every expected failure; nothing of it is left then. */
export async function runBuild(
  request: BuildRequest,
  parts: BuildParts,
): Promise<StoredEnvironment> {
  const { options, places } = parts;
  const build = buildPlaces(places, options.sandbox, { key: request.plan.key, nonce: parts.nonce });
  let stopEgress: () => void | Promise<void> = () => undefined;
  try {
    const python = await findPython(request.plan, parts);
    const ground = groundOf(parts, build, python);
    await makeBuildPlaces(ground, options.sandbox);
    if (options.egress !== undefined) {
      stopEgress = await options.egress(build.egress, parts.index.hosts);
    }
    return await buildOn(request, ground, parts);
  } catch (error) {
    await removeTree(build.environment);
    throw error;
  } finally {
    await stopEgress();
    await removeTree(build.work);
    await removeTree(build.egress);
  }
}

function groundOf(parts: BuildParts, build: BuildPlaces, python: PythonInterpreter): BuildGround {
  const { options, places, index } = parts;
  const { sandbox } = options;
  return {
    places,
    build,
    uvPath: options.uvPath,
    python,
    index,
    policy: options.policy,
    cpus: availableParallelism(),
    isIsolated: sandbox.isolation !== "none",
    hasOverlays: sandbox.hasOverlays || sandbox.isolation === "none",
    systemLayer: null,
    hasEgress: options.egress !== undefined || sandbox.isolation === "none",
  };
}

async function buildOn(
  request: BuildRequest,
  bare: BuildGround,
  parts: BuildParts,
): Promise<StoredEnvironment> {
  const { options, log, signal } = parts;
  const { plan, repo } = request;
  const { clock, sandbox } = options;
  const beganAtMonotonicMs = clock.monotonicMs();
  const name = `build-${bare.build.name.slice(0, 12)}-${parts.nonce}`;
  const runner = createStepRunner({
    ...{ sandbox, clock, log, signal, beganAtMonotonicMs, policy: options.policy },
    directories: [bare.build.environment, bare.build.work],
  });
  const system = await installSystem(plan, { ground: bare, runner, name, parts });
  const ground = { ...bare, systemLayer: system?.layer ?? null };
  if (needsContent(plan)) {
    await options.checkout(repo, ground.build.home, signal);
  }
  const conda = await makeConda(plan, { ground, runner, name }, parts);
  const exported = await exportLock(plan, { ground, runner, name });
  const home = seenHome(ground);
  const inputs = installerInputs(plan, home, [...(conda?.requirements ?? []), ...exported]);
  const installation: Installation = { ground, runner, log, inputs, plan, name, home };

  const hasHome = needsContent(plan);
  if (hasHome) await noteHome(ground);
  const install = conda === null ? installPackages : installIntoConda;
  const { isLinked } = await install(installation);
  const node = plan.steps.find((step) => step.kind === "node");
  if (node?.kind === "node") await installNode(node, installation);
  const r = plan.steps.find((step) => step.kind === "r");
  if (r?.kind === "r") await installR(r, installation);
  const postBuild = plan.steps.find((step) => step.kind === "postBuild");
  if (postBuild?.kind === "postBuild") await runPostBuild(installation, postBuild.path);
  if (conda !== null) await noteActivation(installation);
  const finished = await finishWithServer(installation, { sandbox, hasHome, isLinked });
  if (system !== null) {
    await rename(system.layer.directory, join(ground.build.environment, SYSTEM_LAYER));
  }
  const lock = await writeLock(installation, {
    repo,
    report: finished.report,
    apt: system?.packages ?? [],
    conda: conda?.packages ?? [],
  });

  const durationMs = Math.round(clock.monotonicMs() - beganAtMonotonicMs);
  const record = {
    ...recordOf(request, ground, finished),
    ...(conda === null ? {} : ownPython(conda)),
    sizeBytes: finished.report.sizeBytes + (system?.sizeBytes ?? 0),
    builtAtMs: clock.nowMs(),
    buildDurationMs: durationMs,
    isLinked: finished.isLinked,
  };
  await publish(record, lock, { parts, ground });
  log.say(`Built in ${formatDuration(durationMs)}: ${finished.report.packages.length} packages.`);
  return record;
}

async function installSystem(
  plan: Plan,
  {
    parts,
    ...given
  }: Pick<AptParts, "ground" | "runner" | "name"> & { readonly parts: BuildParts },
): Promise<AptInstalled | null> {
  const step = plan.steps.find(({ kind }) => kind === "apt");
  if (step?.kind !== "apt") return null;
  const { options, log, signal } = parts;
  const { clock, env, sandbox } = options;
  return await installApt(step, { ...given, clock, env, log, sandbox, signal });
}

/** The interpreter is one of its packages. */
function ownPython({
  packages,
}: CondaInstalled): Pick<
  StoredEnvironment,
  "pythonVersion" | "pythonPath" | "interpreterDirectories"
> {
  return {
    pythonVersion: packages.find(({ name }) => name === "python")?.version ?? "unknown",
    pythonPath: `${INSIDE.environment}/bin/python`,
    interpreterDirectories: [],
  };
}

async function makeConda(
  plan: Plan,
  place: Pick<Installation, "ground" | "runner" | "name">,
  { log, options, signal }: BuildParts,
): Promise<CondaInstalled | null> {
  const step = plan.steps.find(({ kind }) => kind === "conda");
  if (step?.kind !== "conda") return null;
  const rattler = await options.findRattler({ signal, onProgress: (line) => log.say(line) });
  return await installConda(step, { ...place, rattler, sandbox: options.sandbox });
}

interface Finished {
  readonly report: FinishReport;
  readonly server: Plan["server"];
  readonly isLinked: boolean;
}

/** What was installed may bring extensions of the server that nobody asked for by name. */
async function finishWithServer(
  installation: Installation,
  context: Parameters<typeof finishEnvironment>[1] & { readonly isLinked: boolean },
): Promise<Finished> {
  const { plan } = installation;
  const report = await finishEnvironment(installation, context);
  const because = whyServerOfItsOwn(report.serverExtensions);
  const { isLinked } = context;
  if (plan.server.kind === "environment" || because === null) {
    return { report, server: plan.server, isLinked };
  }
  const server = { kind: "environment", because } as const;
  if (
    ["jupyterlab", "notebook"].every((name) => report.packages.some((one) => one.name === name))
  ) {
    return { report, server, isLinked };
  }
  const { sandbox } = context;
  await addServer(installation, { sandbox, isLinked, packages: report.packages });
  return { report: await finishEnvironment(installation, context), server, isLinked };
}

function recordOf(
  { plan, repo }: BuildRequest,
  ground: BuildGround,
  { report, server }: Finished,
): Omit<StoredEnvironment, "builtAtMs" | "buildDurationMs" | "isLinked"> {
  const environment: Omit<Environment, "builtAtMs" | "buildDurationMs" | "lastUsedAtMs"> = {
    key: plan.key,
    sizeBytes: report.sizeBytes,
    pythonVersion: ground.python.version,
    server: server.kind,
    serverBecause: server.because,
    builtFor: repo.url,
  };
  return {
    ...environment,
    hasHomeLayer: report.hasHomeLayer,
    isCompiled: false,
    pythonPath: ground.python.path,
    interpreterDirectories: ground.python.directories,
  };
}

/** The record comes last: before it the environment does not exist. */
async function publish(
  record: StoredEnvironment,
  lock: string,
  { parts, ground }: { readonly parts: BuildParts; readonly ground: BuildGround },
): Promise<void> {
  const { places, signal } = parts;
  const target = places.environment(record.key);
  if (ground.build.environment !== target) {
    await removeTree(target);
    await rename(ground.build.environment, target);
  }
  try {
    if (signal.aborted) throw new AppError("build-interrupted");
    await writeFile(besidePath(places.records, record.key, "lock.txt"), lock);
    await writeRecord(places.records, record);
  } catch (error) {
    await removeTree(target);
    throw error;
  }
}

/** The exact release if it can be had, otherwise the newest of its minor version. */
async function findPython(plan: Plan, parts: BuildParts): Promise<PythonInterpreter> {
  const { options, log, signal } = parts;
  const step = plan.steps.find(({ kind }) => kind === "python");
  const version = step?.kind === "python" ? step.version : null;
  const find = (wanted: string | null) =>
    options.findPython({ wanted, signal, onProgress: (line) => log.say(line) });
  let found = await find(version);
  const minor = /^\d+\.\d+(?=\.\d+$)/.exec(version ?? "")?.[0];
  if (found.kind === "unavailable" && minor !== undefined) {
    log.say(`Python ${version} cannot be had here; trying ${minor}.`);
    found = await find(minor);
  }
  if (signal.aborted) throw new AppError("build-interrupted");
  if (found.kind === "found") {
    if (step?.kind === "python") log.say(`Python ${found.interpreter.version}: ${step.because}`);
    return found.interpreter;
  }
  const { code, message, detail } = found.failure;
  throw new AppError(code, message, detail === undefined ? {} : { detail });
}

function seenHome(ground: BuildGround): string {
  return ground.isIsolated ? INSIDE.home : ground.build.home;
}
