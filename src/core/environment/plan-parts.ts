/** Everything that a repository's files ask for, read in the order of the plan. */
import { type AptFile, readAptFile } from "./apt-file.ts";
import { decideServer } from "./decide-server.ts";
import type { PlanServer, PlanStep } from "./plan.ts";
import type { PlanOptions } from "./plan-environment.ts";
import { readPythonFiles } from "./python-files.ts";
import { condaInput, pythonSteps } from "./python-steps.ts";
import { type KeyInput, type Reading, unusable } from "./reading.ts";
import { repo2dockerChoice } from "./repo2docker-choice.ts";
import { noteOtherFiles, refuseDecidingFiles } from "./refuse-other-files.ts";
import { parseRuntime } from "./runtime.ts";
import { readScript } from "./scripts.ts";

export interface PlanParts {
  readonly steps: readonly PlanStep[];
  readonly server: PlanServer;
  readonly start: string | null;
  readonly variables: Readonly<Record<string, string>>;
  readonly lock: string | null;
  readonly inputs: readonly KeyInput[];
}

/** Notes every configuration file. Throws the refusal of one that cannot be used. */
export function readParts(reading: Reading, options: PlanOptions): PlanParts {
  const { asOf, directory, files, tree } = reading;
  const postBuild = readScript(tree, directory, "postBuild", files);
  const start = readScript(tree, directory, "start", files);
  const pack = repo2dockerChoice(reading);
  refuseDecidingFiles(tree, directory);
  const runtime = parseRuntime(reading);
  if (runtime?.kind === "r") throw unusable(runtime.source.file, "it asks for R");
  const apt = readAptFile(reading);
  const isComplete = postBuild !== null;
  const { pythons } = options;
  const python = readPythonFiles(reading, { pythons, isComplete, pack });
  noteOtherFiles(tree, { directory, isComplete: python.decides || isComplete, files });
  const server = decideServer(python.direct, options.genericServer);
  const around = { server, asOf, hasScripts: postBuild !== null };
  const ofPython = pythonSteps(python, around);
  return {
    steps: [...aptSteps(apt), ...ofPython.packages, ...ofPython.own, ...postBuildSteps(postBuild)],
    ...{ server, start },
    variables: python.conda?.variables ?? {},
    lock: python.lock?.digest ?? null,
    inputs: [...(apt === null ? [] : [apt.input]), ...condaInput(python, ofPython.packages)],
  };
}

function aptSteps(apt: AptFile | null): readonly PlanStep[] {
  return apt === null ? [] : [apt.step];
}

function postBuildSteps(path: string | null): readonly PlanStep[] {
  return path === null ? [] : [{ kind: "postBuild", path, files: [path, "."] }];
}
