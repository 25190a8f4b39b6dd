/** R's kernel and packages, by the R of this machine or of the conda environment, where code may run. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "#core/errors.ts";
import type { RSource, RStep } from "#core/environment/plan.ts";
import { contextScripts } from "#core/rendering/image-scripts.ts";
import { plannedVariables } from "../session/planned-variables.ts";
import { INSIDE } from "./build-places.ts";
import { untrustedRequest } from "./build-request.ts";
import { type Installation, untrustedNetwork } from "./install-packages.ts";

const SYSTEM_RSCRIPT = "/usr/bin/Rscript";
const REASON_CHARACTERS_MAX = 600;
/** What each kind of source is installed by. */
const NEEDS: Readonly<Record<RSource["kind"], readonly string[]>> = {
  "install.R": [],
  DESCRIPTION: ["remotes"],
  "renv.lock": ["renv"],
};

/** Throws `install-failed` or `index-unreachable` with the file. */
export async function installR(step: RStep, installation: Installation): Promise<void> {
  const { ground, log } = installation;
  for (const { path, text } of contextScripts().filter((one) => one.path.endsWith(".R"))) {
    await writeFile(join(ground.build.inputs, nameOf(path)), text);
  }
  const snapshot = await snapshotOf(step);
  const needed = new Set(["IRkernel", ...step.sources.flatMap(({ kind }) => NEEDS[kind])]);
  log.say(`R ${step.version}: ${step.because}`);
  await runScript(step, installation, {
    words: ["r-kernel.R", snapshot, INSIDE.environment, ...needed],
    file: step.files[0] ?? "install.R",
  });
  for (const { kind, path } of step.sources) {
    log.say(`Installing what ${path} asks for`);
    const words = ["r-sources.R", snapshot, kind, `${INSIDE.home}/${path}`];
    await runScript(step, installation, { words, file: path });
  }
}

async function runScript(
  step: RStep,
  { ground, name, plan, runner }: Installation,
  { words, file }: { readonly words: readonly string[]; readonly file: string },
): Promise<void> {
  const [script = "", ...rest] = words;
  const program = step.runtime === "conda" ? `${INSIDE.environment}/bin/Rscript` : SYSTEM_RSCRIPT;
  const quiet = ["--no-save", "--no-restore", "--no-init-file", "--no-environ"];
  const request = untrustedRequest(ground, {
    name: `${name}-r`,
    command: [program, ...quiet, `${INSIDE.inputs}/${script}`, ...rest],
    network: untrustedNetwork(ground),
    environment: "read-write",
    hasHome: true,
    variables: plannedVariables(plan, (text) => text),
  });
  const outcome = await runner.run("r", { ...request, overlays: [] });
  if (outcome.exitCode !== 0) throw explainR(outcome.output, file);
}

/** R says `Error in …` and then why. Pure. */
export function explainR(output: string, file: string): AppError {
  const lines = output.split("\n");
  const at = lines.findIndex((line) => /^Error\b/.test(line));
  const reason = lines
    .slice(at < 0 ? -3 : at)
    .filter((line) => !/^(?:Calls:|Execution halted)/.test(line))
    .map((line) => line.trim())
    .join(" ")
    .slice(0, REASON_CHARACTERS_MAX)
    .trim();
  const detail = { step: "r", file };
  if (
    /unable to access index|cannot open (?:the )?(?:URL|connection)|Could not resolve/.test(output)
  ) {
    const message = `The server of R's packages did not answer: ${reason}`;
    return new AppError("index-unreachable", message, { detail });
  }
  return new AppError("install-failed", `${file}: ${reason || "see the log"}`, { detail });
}

/** As binaries where the system is one that there are some for. */
async function snapshotOf({ snapshot }: RStep): Promise<string> {
  const release = await readFile("/etc/os-release", "utf8").catch(() => "");
  const codename = /^VERSION_CODENAME=([a-z]+)$/m.exec(release)?.[1];
  const system = codename === undefined ? "" : `__linux__/${codename}/`;
  return `https://packagemanager.posit.co/cran/${system}${snapshot ?? "latest"}`;
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
