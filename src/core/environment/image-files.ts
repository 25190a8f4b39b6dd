/** Dockerfile and devcontainer.json: images that a repository describes itself. */
import { parseJson, type Table, tableOf, textOf, inWords } from "./documents.ts";
import type { DockerfileStep } from "./plan.ts";
import { type KeyInput, note, present, type Reading, unusable } from "./reading.ts";
import { directoryOf, joinInside } from "./repo-tree.ts";
import { hasControlCharacters, quote } from "./requirement.ts";

export interface ImageFiles {
  readonly step: DockerfileStep;
  readonly input: KeyInput;
  readonly variables: Readonly<Record<string, string>>;
}

const IMAGE = /^[a-z0-9][a-zA-Z0-9._/-]*(?::[A-Za-z0-9._-]+)?(?:@sha256:[0-9a-f]{64})?$/;

/** Null when there is none. Throws `config-invalid` or `config-unsupported`. */
export function readDockerfile(reading: Reading): ImageFiles | null {
  const path = present(reading, "Dockerfile");
  if (path === null) return null;
  checkDockerfile(reading, path);
  note(reading, path, "used", "it describes the image");
  for (const name of [".dockerignore", ".containerignore"]) {
    const ignore = present(reading, name);
    if (ignore !== null) note(reading, ignore, "used", "it says what the build does not see");
  }
  const step: DockerfileStep = {
    ...{ kind: "dockerfile", source: "Dockerfile", path, image: null, context: "", target: null },
    ...{ buildArguments: [], files: [path, "."] },
  };
  return { step, input: { name: "image", value: path }, variables: {} };
}

function checkDockerfile({ tree }: Reading, path: string): void {
  const text = tree.read(path) ?? "";
  const base = /^[ \t]*FROM[ \t]+(?:--\S+[ \t]+)*(\S+)/im.exec(text)?.[1];
  if (base === undefined) throw unusable(path, "it has no FROM");
  if (base.startsWith("andrewosh/binder-base")) {
    throw unusable(path, `${quote(base)} is an image of the first Binder, which is gone`);
  }
}

/** devcontainer.json of the root, where nothing else says what to install; null when there is none. */
export function devcontainerPath(reading: Reading): string | null {
  if (reading.directory !== "") return null;
  const names = [".devcontainer/devcontainer.json", ".devcontainer.json"];
  return names.map((name) => present(reading, name)).find((path) => path !== null) ?? null;
}

/** Throws `config-invalid` or `config-unsupported`. */
export function readDevcontainer(reading: Reading, path: string): ImageFiles {
  const root = parseJson(path, reading.tree.read(path) ?? "", { hasComments: true });
  for (const key of ["dockerComposeFile", "features"]) {
    if (root[key] === undefined || Object.keys(tableOf(root[key])).length === 0) {
      if (key === "features" || root[key] === undefined) continue;
    }
    throw unusable(path, `it uses ${key}, which cannot be built here`);
  }
  const commands = ["onCreateCommand", "updateContentCommand", "postCreateCommand"].filter(
    (key) => root[key] !== undefined,
  );
  const also =
    commands.length === 0 ? "" : `; ${commands.join(" and ")} are not run: use postBuild`;
  note(reading, path, "used", `it describes the image${also}`);
  reading.differs.push(`repo2docker does not read ${path} and would build a bare Python.`);
  const step = devcontainerStep(reading, path, root);
  const variables = { ...variablesOf(root["containerEnv"]), ...variablesOf(root["remoteEnv"]) };
  const value =
    step.image ?? JSON.stringify([step.path, step.context, step.target, step.buildArguments]);
  return { step, input: { name: "image", value }, variables };
}

function devcontainerStep({ tree }: Reading, path: string, root: Table): DockerfileStep {
  const build = tableOf(root["build"]);
  const file = textOf(build["dockerfile"]) ?? textOf(root["dockerFile"]);
  const image = textOf(root["image"]);
  const base = { kind: "dockerfile", source: "devcontainer.json" } as const;
  if (file === null) {
    if (image === null) throw unusable(path, "it names neither an image nor a Dockerfile");
    if (!IMAGE.test(image)) throw unusable(path, `${quote(image)} is not the name of an image`);
    return {
      ...base,
      ...{ path: null, image, context: "", target: null, buildArguments: [], files: [path] },
    };
  }
  const folder = directoryOf(path);
  const dockerfile = joinInside(folder, file);
  const context = joinInside(folder, textOf(build["context"]) ?? textOf(root["context"]) ?? ".");
  if (dockerfile === null || tree.lookup(dockerfile).kind !== "file") {
    throw unusable(path, `there is no ${quote(file)} in the repository`);
  }
  if (context === null) throw unusable(path, "its context leads out of the repository");
  const target = textOf(build["target"]);
  if (target !== null && !/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(target)) {
    throw unusable(path, `${quote(target)} is not a stage of a Dockerfile`);
  }
  return {
    ...base,
    ...{ path: dockerfile, image: null, context, target, files: [path, dockerfile, "."] },
    buildArguments: argumentsOf(path, build["args"]),
  };
}

function argumentsOf(path: string, value: unknown): DockerfileStep["buildArguments"] {
  return Object.entries(tableOf(value)).map(([name, text]) => {
    const words = inWords(text);
    if (
      !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ||
      words.includes("${") ||
      hasControlCharacters(words)
    ) {
      throw unusable(path, `${quote(name)} is not a build argument that can be given here`);
    }
    return { name, value: words };
  });
}

/** Those whose value does not depend on the machine where it was written. */
function variablesOf(value: unknown): Readonly<Record<string, string>> {
  const pairs = Object.entries(tableOf(value)).flatMap(([name, text]): [string, string][] => {
    const isPlain = typeof text === "string" && !text.includes("${") && !hasControlCharacters(text);
    const isOwn = /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !/^(?:PATH|HOME|LD_.*)$/.test(name);
    return isPlain && isOwn ? [[name, text]] : [];
  });
  return Object.fromEntries(pairs);
}
