/** Writes down what was installed, exactly, so that the same can be installed again. */
import { createHash } from "node:crypto";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { formatLock, type LockedDebianPackage } from "#core/rendering/lock-text.ts";
import { installerOptions } from "#core/rendering/installer-inputs.ts";
import type { ResolvedRepo } from "#core/repo/repo.ts";
import { PINNED_UV } from "../tools/tool-versions.ts";
import { INSIDE } from "./build-places.ts";
import { trustedRequest } from "./build-request.ts";
import type { CondaPackage } from "./install-conda.ts";
import type { FinishReport } from "./finish-environment.ts";
import type { Installation } from "./install-packages.ts";

const LOCK_LINES_MAX = 200_000;

export interface LockParts {
  readonly repo: ResolvedRepo;
  readonly report: Pick<FinishReport, "packages" | "r" | "npm">;
  readonly apt: readonly LockedDebianPackage[];
  readonly conda: readonly CondaPackage[];
}

export async function writeLock(installation: Installation, parts: LockParts): Promise<string> {
  const { ground, plan } = installation;
  const builder = plan.keyInputs.find(({ name }) => name === "builder")?.value ?? "unknown";
  const { packages, r, npm } = parts.report;
  const byPip = packages.filter(({ origin }) => origin !== "conda");
  const others = byPip.filter(({ origin }) => origin !== null);
  const own = parts.conda.find((one) => one.name === "python");
  return formatLock({
    builder: `${builder}, uv ${PINNED_UV.version}`,
    key: plan.key,
    repository: parts.repo.url,
    commit: parts.repo.commit,
    base: await systemFacts(),
    python: own?.version ?? ground.python.version,
    asOf: plan.asOf,
    apt: parts.apt,
    conda: parts.conda
      .map(({ url, digest }) => (digest === null ? url : `${url}#${digest}`))
      .sort(),
    ...{ r, npm },
    requirements: await hashed(installation, byPip),
    built: others.map((one) => `${pinOf(one)} @ ${one.origin}`),
  });
}

/** Versions with the digests of their files, as the index gave them. */
async function hashed(
  installation: Installation,
  packages: FinishReport["packages"],
): Promise<string> {
  const { ground, inputs, runner, name } = installation;
  const pins = packages.filter(({ origin }) => origin === null).map(pinOf);
  const input = join(ground.build.inputs, "installed.txt");
  await writeFile(input, pins.map((pin) => `${pin}\n`).join(""));
  const request = trustedRequest(ground, {
    name: `${name}-lock`,
    command: [
      ...[INSIDE.uv, "pip", "compile", `--python=${ground.python.path}`, "--quiet", "--offline"],
      ...["--no-deps", "--generate-hashes", "--no-header", "--no-annotate"],
      `${INSIDE.inputs}/installed.txt`,
      ...installerOptions(
        inputs.options.filter(({ name: each }) => /^(?:extra-)?index-url$/.test(each)),
        installation.home,
      ),
    ],
    network: "none",
    linkMode: "copy",
  });
  const outcome = await runner.run("lock", request, { isQuiet: true, linesMax: LOCK_LINES_MAX });
  await rm(input, { force: true });
  // What was built from source may need code to be looked at again: then the versions must do.
  return outcome.exitCode === 0 ? outcome.output : pins.join("\n");
}

/** The system's name, and a digest of the names and versions of its packages where dpkg knows them. */
async function systemFacts(): Promise<string> {
  const release = await readFile("/etc/os-release", "utf8").catch(() => "");
  const name = /^PRETTY_NAME="?([^"\n]*)/m.exec(release)?.[1] ?? "unknown system";
  const status = await readFile("/var/lib/dpkg/status", "utf8").catch(() => null);
  if (status === null) return name;
  const facts = status
    .split("\n")
    .filter((line) => /^(?:Package|Version|Architecture): /.test(line));
  return `${name} sha256:${createHash("sha256").update(facts.join("\n")).digest("hex")}`;
}

function pinOf({ name, version }: FinishReport["packages"][number]): string {
  return `${name}==${version}`;
}
