/** A container engine of this machine, for those who want an image: its words, and running it. */
import { spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import type { Environment } from "./config.ts";

export type EngineName = "docker" | "podman" | "buildah";

export interface Engine {
  readonly name: EngineName;
  readonly path: string;
}

export interface BuildWish {
  readonly image: string;
  readonly directory: string;
  /** Relative to the directory. */
  readonly file: string;
  readonly buildArguments: readonly string[];
  readonly cacheFrom: readonly string[];
}

export interface RunWish {
  readonly image: string;
  readonly ports: readonly string[];
  readonly isAllPorts: boolean;
  readonly volumes: readonly string[];
  readonly variables: readonly string[];
  readonly command: readonly string[];
}

/** The wanted one, or the first that is here; null when there is none. */
export function findEngine(environment: Environment, wanted: string | null): Engine | null {
  const names = (["docker", "podman", "buildah"] as const).filter(
    (name) => wanted === null || name === wanted,
  );
  for (const name of names) {
    for (const directory of (environment["PATH"] ?? "").split(delimiter)) {
      const path = join(directory, name);
      if (directory.startsWith("/") && isExecutable(path)) return { name, path };
    }
  }
  return null;
}

export function buildWords({ name }: Engine, wish: BuildWish): readonly string[] {
  return [
    "build",
    ...["--tag", wish.image, "--file", join(wish.directory, wish.file)],
    // Docker and podman keep layers by themselves.
    ...(name === "buildah" ? ["--layers"] : []),
    ...wish.buildArguments.flatMap((pair) => ["--build-arg", pair]),
    ...wish.cacheFrom.flatMap((image) => ["--cache-from", image]),
    wish.directory,
  ];
}

/** Null for an engine that runs nothing. */
export function runWords({ name }: Engine, wish: RunWish): readonly string[] | null {
  if (name === "buildah") return null;
  return [
    ...["run", "--rm", "--init"],
    ...(wish.isAllPorts ? ["--publish-all"] : []),
    ...wish.ports.flatMap((port) => ["--publish", port]),
    ...wish.volumes.flatMap((volume) => ["--volume", volume]),
    ...wish.variables.flatMap((variable) => ["--env", variable]),
    wish.image,
    ...wish.command,
  ];
}

/** To its end; every line it says is told. */
export function runEngine(
  { path }: Engine,
  words: readonly string[],
  options: { readonly onLine: (line: string) => void; readonly signal: AbortSignal },
): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const child = spawn(path, words, {
      stdio: ["inherit", "pipe", "pipe"],
      signal: options.signal,
    });
    for (const stream of [child.stdout, child.stderr]) {
      let rest = "";
      stream.setEncoding("utf8").on("data", (text: string) => {
        const lines = (rest + text).split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) options.onLine(line);
      });
      stream.once("end", () => {
        if (rest !== "") options.onLine(rest);
      });
    }
    child.once("error", (error) => (options.signal.aborted ? resolve(null) : reject(error)));
    child.once("close", (code) => resolve(code));
  });
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
