/** What a build needs before its first step: directories, the host's index settings, the content. */
import { chmod, chown, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "#core/errors.ts";
import type { Plan } from "#core/environment/plan.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import { type BuildGround, trustedRequest } from "./build-request.ts";
import { INSIDE, makeOwned } from "./build-places.ts";
import { exportedLines } from "#core/rendering/installer-inputs.ts";
import type { StepRunner } from "./step-runner.ts";

/** Makes the directories of a build, all of them empty. */
export async function makeBuildPlaces(ground: BuildGround, sandbox: Sandbox): Promise<void> {
  const { build } = ground;
  await mkdir(build.work, { mode: 0o755 });
  await chmod(build.work, 0o755);
  await mkdir(build.inputs, { mode: 0o755 });
  await chmod(build.inputs, 0o755);
  const { environment, output, home, index, egress } = build;
  for (const directory of [environment, output, home, index, egress]) {
    makeOwned(directory, sandbox);
  }
  for (const directory of [index, egress]) await chmod(directory, 0o700);
  for (const { name, text } of ground.index.files) {
    const path = join(build.index, name);
    await writeFile(path, text, { mode: 0o600, flag: "wx" });
    const { owner } = sandbox;
    if (owner.kind === "switch") await chown(path, owner.uid, owner.uid);
  }
}

/** True when a step of the plan needs more of the repository than requirement lines. */
export function needsContent(plan: Plan): boolean {
  const isRead = (step: Plan["steps"][number]): boolean => {
    switch (step.kind) {
      case "python":
        return false;
      case "packages":
        return step.options.some(
          ({ name, value }) => name === "find-links" && !(value ?? "").includes("://"),
        );
      case "apt":
        return false;
      case "conda":
        return step.format !== "environment";
      case "lock":
        return step.format === "uv";
      case "node":
      case "nix":
      case "dockerfile":
      case "r":
      case "julia":
      case "project":
      case "archive":
      case "postBuild":
        return true;
    }
  };
  return plan.steps.some(isRead);
}

/**
 * The requirement lines of the plan's lock; none without one. uv reads the two files alone, without
 * network: no code runs. Throws `config-invalid`.
 */
export async function exportLock(
  plan: Plan,
  parts: { readonly ground: BuildGround; readonly runner: StepRunner; readonly name: string },
): Promise<readonly string[]> {
  const { ground, runner, name } = parts;
  const step = plan.steps.find(({ kind }) => kind === "lock");
  if (step?.kind !== "lock") return [];
  if (step.format !== "uv") return step.requirements;
  const directory = join(ground.build.inputs, "lock");
  await mkdir(directory);
  for (const file of ["pyproject.toml", "uv.lock"]) {
    const text = await readFile(join(ground.build.home, step.directory, file), "utf8");
    await writeFile(join(directory, file), text);
  }
  const outcome = await runner.run(
    "lock",
    trustedRequest(ground, {
      name: `${name}-export`,
      command: [
        ...[INSIDE.uv, "export", "--frozen", "--offline", "--quiet", "--no-header"],
        ...["--no-annotate", "--no-emit-project", "--format=requirements.txt"],
        ...[`--python=${ground.python.path}`, `--directory=${INSIDE.inputs}/lock`],
      ],
      network: "none",
      linkMode: "copy",
    }),
    { isQuiet: true, linesMax: LOCK_LINES_MAX },
  );
  if (outcome.exitCode !== 0) {
    const file = join(step.directory, "uv.lock");
    throw new AppError("config-invalid", `${file} cannot be read: ${outcome.output}`, {
      detail: { step: "lock", file },
    });
  }
  const inDirectory = step.directory === "" ? "" : `${step.directory}/`;
  return exportedLines(outcome.output).map((line) =>
    line.replace(/^((?:-e\s+)?)(\.{1,2}\/)/, `$1./${inDirectory}$2`),
  );
}

const LOCK_LINES_MAX = 200_000;
