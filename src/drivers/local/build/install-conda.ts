/** A conda environment by the rattler library, in a sandbox: its packages are unpacked, none of them runs. */
import { createHash } from "node:crypto";
import { readFile, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { AppError, type ErrorCode } from "#core/errors.ts";
import { explicitLines } from "#core/environment/conda-explicit.ts";
import type { CondaStep, PlanSource } from "#core/environment/plan.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import { type BuildGround, condaRequest } from "./build-request.ts";
import { INSIDE, makeOwned } from "./build-places.ts";
import type { Installation } from "./install-packages.ts";

export interface CondaPackage {
  readonly name: string;
  readonly version: string;
  readonly build: string;
  readonly url: string;
  /** `sha256:…`, or MD5's digits; null where nothing said it. */
  readonly digest: string | null;
}

export interface CondaInstalled {
  readonly packages: readonly CondaPackage[];
  /** Lines for pip that a lock of pixi or conda-lock holds besides. */
  readonly requirements: readonly string[];
}

export interface CondaParts extends Pick<Installation, "ground" | "runner" | "name"> {
  readonly sandbox: Sandbox;
  /** Directory of the rattler library. */
  readonly rattler: string;
}

/** What the program inside writes down. */
interface Report {
  readonly packages: readonly CondaPackage[];
  readonly pip: readonly ({ readonly requirement: string } | { readonly path: string })[];
}

const FAILED = /^bindery-failed (\{.*\})$/m;
const REPORT = "conda.json";
const REASON_CHARACTERS_MAX = 1_500;

/** Throws `resolve-failed`, `index-unreachable`, `config-invalid`, `install-failed`, `host-refused`, `disk-full`. */
export async function installConda(step: CondaStep, parts: CondaParts): Promise<CondaInstalled> {
  const { ground, name, rattler, runner, sandbox } = parts;
  const addresses = await givenAddresses(step, ground);
  const cache = join(ground.places.conda, cacheName(step));
  makeOwned(cache, sandbox);
  // Those that nobody has used for long are dropped.
  await utimes(cache, new Date(), new Date());
  const options = {
    ...{ format: step.format, platform: step.platform, name: step.environment, asOf: step.asOf },
    ...{ channels: step.channels, specs: [...step.specs, ...step.added], addresses },
    ...{ lock: `${INSIDE.inputs}/${lockName(step)}`, report: `${INSIDE.output}/${REPORT}` },
    ...{ environment: INSIDE.environment, cache: INSIDE.cache, rattler: INSIDE.rattler },
  };
  const request = condaRequest(ground, {
    name: `${name}-conda`,
    command: [
      ...[ground.python.path, "-I", "-S", "-B", `${INSIDE.programs}/conda.py`],
      JSON.stringify(options),
    ],
    network: networkOf(ground),
    ...{ cache, rattler },
  });
  const outcome = await runner.run("conda", request);
  if (outcome.exitCode !== 0) throw explainConda(outcome.output, step);
  const report = JSON.parse(await readFile(join(ground.build.output, REPORT), "utf8")) as Report;
  if (!report.packages.some((one) => one.name === "python")) {
    throw failed("config-unsupported", step, "it has no Python, which the notebook's kernel needs");
  }
  return { packages: report.packages, requirements: requirementsOf(report, step) };
}

/** The channels are the repository's: they are reached as its sessions reach them. */
function networkOf({ hasEgress, policy }: BuildGround): "host" | "filtered" {
  if (policy.allowPrivateHosts) return "host";
  if (hasEgress) return "filtered";
  throw new AppError("host-refused", "The environment's channels cannot be reached.");
}

/** What one set of channels says must not be taken for what another says. */
function cacheName({ channels, path, format }: CondaStep): string {
  const origin = format === "environment" ? [...channels].sort() : [format, path];
  return createHash("sha256").update(JSON.stringify(origin)).digest("hex").slice(0, 32);
}

function lockName({ path }: CondaStep): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

async function givenAddresses(step: CondaStep, { build }: BuildGround): Promise<readonly string[]> {
  if (step.format === "environment") return [];
  const text = await readFile(join(build.home, step.path), "utf8");
  if (step.format === "explicit") return explicitLines(step.path, text);
  await writeFile(join(build.inputs, lockName(step)), text);
  return [];
}

function requirementsOf({ pip }: Report, step: CondaStep): readonly string[] {
  return pip.map((one) => {
    if ("requirement" in one) return one.requirement;
    const path = one.path.replace(/^\.\//, "");
    if (path.startsWith("/") || path.split("/").includes("..")) {
      throw failed("config-unsupported", step, `it installs ${JSON.stringify(one.path)}`);
    }
    return `./${path === "." ? "" : path}`;
  });
}

const CODES: Readonly<Record<string, ErrorCode>> = {
  unsolvable: "resolve-failed",
  absent: "resolve-failed",
  altered: "install-failed",
  invalid: "config-invalid",
  unreachable: "index-unreachable",
  disk: "disk-full",
  tool: "tool-missing",
};

/** What the program inside said last, as a failure with the line of the package that it names. Pure. */
export function explainConda(
  output: string,
  step: Pick<CondaStep, "path" | "specs" | "sources">,
): AppError {
  const found = FAILED.exec(output)?.[1];
  const { kind = "", message = "see the log" } = (found === undefined ? {} : JSON.parse(found)) as {
    readonly kind?: string;
    readonly message?: string;
  };
  return failed(CODES[kind] ?? "install-failed", step, message);
}

function failed(
  code: ErrorCode,
  step: Pick<CondaStep, "path" | "specs" | "sources">,
  message: string,
): AppError {
  const reason = message.replaceAll(/\s+/g, " ").trim().slice(0, REASON_CHARACTERS_MAX);
  if (code === "index-unreachable") {
    const url = /https?:\/\/[^\s)]+/.exec(reason)?.[0];
    const host = url !== undefined && URL.canParse(url) ? { host: new URL(url).host } : {};
    const text = `A channel of ${step.path} did not answer: ${reason}`;
    return new AppError(code, text, { detail: { step: "conda", ...host } });
  }
  const named = step.specs
    .map((spec, index) => ({ name: nameOf(spec), source: step.sources[index] }))
    .find(({ name }) => ` ${reason} `.includes(` ${name} `));
  const source: PlanSource | undefined = named?.source;
  const place = source === undefined ? { file: step.path } : source;
  const where = source === undefined ? step.path : `${source.file}:${source.line}`;
  const detail = {
    step: "conda",
    ...place,
    ...(named === undefined ? {} : { package: named.name }),
  };
  return new AppError(code, `${where}: ${reason}`, { detail });
}

/** `conda-forge::numpy >=1.2` is about numpy. */
function nameOf(spec: string): string {
  return spec.replace(/^.*::/, "").split(" ")[0] ?? spec;
}
