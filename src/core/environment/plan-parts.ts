/** Everything that a repository's files ask for, read in the order of the plan. */
import { readAptFile } from "./apt-file.ts";
import { refuseOtherPlatforms } from "./conda-files.ts";
import { decideServer } from "./decide-server.ts";
import {
  devcontainerPath,
  type ImageFiles,
  readDevcontainer,
  readDockerfile,
} from "./image-files.ts";
import { readJuliaFiles } from "./julia-files.ts";
import { type NixFiles, readDefaultNix, readFlake } from "./nix-files.ts";
import { hasNodeLock, readNodeFiles } from "./node-files.ts";
import { noteOtherFiles, noteRest } from "./note-other-files.ts";
import { OWN_FILES } from "./other-files.ts";
import type { PlanServer, PlanStep } from "./plan.ts";
import { readPythonFiles } from "./python-files.ts";
import { condaInput, pythonSteps } from "./python-steps.ts";
import { readRFiles, wantsR } from "./r-files.ts";
import { type KeyInput, present, presentOrRefused, type Reading, unusable } from "./reading.ts";
import { type BuildPack, repo2dockerChoice } from "./repo2docker-choice.ts";
import { readScript } from "./scripts.ts";

export interface PlanParts {
  readonly steps: readonly PlanStep[];
  readonly server: PlanServer;
  readonly start: string | null;
  readonly variables: Readonly<Record<string, string>>;
  readonly lock: string | null;
  readonly inputs: readonly KeyInput[];
}

/** What the files are read against. */
export interface PlanMachine {
  readonly pythons: readonly string[];
  readonly genericServer: Readonly<Record<string, string>>;
  readonly r?: string | null;
}

/** Notes every configuration file. Throws the refusal of one that cannot be used. */
export function readParts(reading: Reading, options: PlanMachine): PlanParts {
  for (const name of OWN_FILES) presentOrRefused(reading, name);
  const pack = repo2dockerChoice(reading);
  const image = readDockerfile(reading);
  if (image !== null)
    return imageParts(reading, image, "the Dockerfile decides, as in repo2docker");
  if (pack === "julia-require") {
    const hint =
      "it is Julia's old form, which repo2docker refuses too; Project.toml has replaced it";
    throw unusable(present(reading, "REQUIRE") ?? "REQUIRE", hint);
  }
  const nix = pack === "nix" ? readDefaultNix(reading) : null;
  if (nix !== null) return nixParts(reading, nix);
  return describesSomething(reading, pack)
    ? unionParts(reading, options, pack)
    : (loneParts(reading) ?? unionParts(reading, options, pack));
}

/** What repo2docker passes over and what is used here only where nothing else decides. */
function loneParts(reading: Reading): PlanParts | null {
  const flake = readFlake(reading);
  if (flake !== null) return nixParts(reading, flake);
  const path = devcontainerPath(reading);
  if (path === null) return null;
  return imageParts(reading, readDevcontainer(reading, path), `${path} decides`);
}

/** Whether a file other than flake.nix and devcontainer.json says what to install. */
function describesSomething(reading: Reading, pack: BuildPack): boolean {
  if (pack !== "default" || wantsR(reading)) return true;
  return DESCRIBING.some((name) => present(reading, name) !== null);
}

const DESCRIBING =
  "apt.txt postBuild start pyproject.toml setup.cfg uv.lock pylock.toml poetry.lock conda-lock.yml conda-linux-64.lock conda-linux-aarch64.lock pixi.toml pixi.lock package.json".split(
    " ",
  );

function imageParts(reading: Reading, image: ImageFiles, because: string): PlanParts {
  noteRest(reading, because);
  return {
    steps: [image.step],
    server: { kind: "environment", because: "the image brings its own server" },
    ...{ start: null, variables: image.variables, lock: null, inputs: [image.input] },
  };
}

/** repo2docker's too has no Jupyter but what the expression has. */
function nixParts(reading: Reading, nix: NixFiles): PlanParts {
  const scripts = readScripts(reading);
  const apt = readAptFile(reading);
  noteRest(reading, `${nix.step.path} decides, as in repo2docker`);
  return {
    steps: [...(apt === null ? [] : [apt.step]), nix.step, ...postBuildSteps(scripts.postBuild)],
    server: { kind: "environment", because: `${nix.step.path} brings the server` },
    ...{ start: scripts.start, variables: {}, lock: null },
    inputs: [...(apt === null ? [] : [apt.input]), nix.input],
  };
}

function readScripts(reading: Reading) {
  const { directory, files, tree } = reading;
  return {
    postBuild: readScript(tree, directory, "postBuild", files),
    start: readScript(tree, directory, "start", files),
  };
}

/** Python, R, Julia and JavaScript beside one another. */
function unionParts(reading: Reading, options: PlanMachine, pack: BuildPack): PlanParts {
  const { postBuild, start } = readScripts(reading);
  const apt = readAptFile(reading);
  const julia = readJuliaFiles(reading);
  const others = julia !== null || wantsR(reading) || hasNodeLock(reading);
  const isComplete = postBuild !== null || others;
  const python = readPythonFiles(reading, { pythons: options.pythons, isComplete, pack });
  const isConda = python.conda?.specs.some(({ name }) => name === "r-base") === true;
  const r = readRFiles(reading, {
    ...{ isConda, isRepo2dockers: pack === "r", installed: options.r ?? null },
  });
  const node = readNodeFiles(reading, !python.decides && !isComplete);
  if (!python.decides && !isComplete && node === null) refuseOtherPlatforms(reading);
  noteOtherFiles(reading, python.decides || isComplete);
  const server = decideServer(python.direct, options.genericServer);
  const hasScripts = postBuild !== null || r !== null;
  const ofPython = pythonSteps(python, { server, asOf: reading.asOf, hasScripts });
  const parts = [node, r, julia].filter((part) => part !== null);
  return {
    steps: [
      ...(apt === null ? [] : [apt.step]),
      ...ofPython.packages,
      ...parts.map(({ step }) => step),
      ...ofPython.own,
      ...postBuildSteps(postBuild),
    ],
    ...{ server, start },
    variables: python.conda?.variables ?? {},
    lock: python.lock?.digest ?? null,
    inputs: [
      ...(apt === null ? [] : [apt.input]),
      ...condaInput(python, ofPython.packages),
      ...parts.map(({ input }) => input),
    ],
  };
}

function postBuildSteps(path: string | null): readonly PlanStep[] {
  return path === null ? [] : [{ kind: "postBuild", path, files: [path, "."] }];
}
