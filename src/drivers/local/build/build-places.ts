/** Where builds and environments lie in the data directory, and where a sandbox sees them. */
import { chmodSync, chownSync, copyFileSync, mkdirSync, readdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import type { EnvironmentKey } from "#core/environment/environment.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";

/** As every sandbox sees them. */
export const INSIDE = {
  environment: "/srv/env",
  home: "/home/jovyan",
  uv: "/srv/uv",
  /** The directory of all builds: the shared cache and the environment are in one mount there. */
  building: "/srv/build",
  /** The shared cache where only its own throw-away layer may be written. */
  cache: "/srv/cache",
  inputs: "/srv/inputs",
  output: "/srv/output",
  index: "/srv/index",
  programs: "/srv/programs",
  /** The rattler library, which installs conda packages. */
  rattler: "/srv/rattler",
  bytecode: "/srv/bytecode",
} as const;

const ASSETS = join(import.meta.dirname, "assets");
/** Inside `building`, so that uv can make hard links from one to the other. */
export const CACHE_NAME = ".uv-cache";

export interface BuilderPlaces {
  readonly store: string;
  readonly records: string;
  readonly building: string;
  readonly cache: string;
  /** Lists and archives of Debian packages. */
  readonly apt: string;
  /** Conda packages: a directory for each set of channels. */
  readonly conda: string;
  /** Our own programs that run inside. */
  readonly programs: string;
  /** Notes of which unpacked packages were byte-compiled. */
  readonly bytecode: string;
  environment(key: EnvironmentKey): string;
}

export function builderPlaces(dataDir: string): BuilderPlaces {
  const building = join(dataDir, "building");
  const store = join(dataDir, "store");
  return {
    store,
    records: join(dataDir, "environments"),
    building,
    cache: join(building, CACHE_NAME),
    apt: join(dataDir, "apt"),
    conda: join(building, ".conda-cache"),
    programs: join(building, ".programs"),
    bytecode: join(building, ".bytecode"),
    environment: (key) => join(store, key),
  };
}

/** Makes the directories; those that a sandbox writes belong to its user. May be repeated. */
export function preparePlaces(places: BuilderPlaces, sandbox: Sandbox): void {
  for (const directory of [places.store, places.records, places.building]) {
    mkdirSync(directory, { recursive: true, mode: 0o755 });
    chmodSync(directory, 0o755);
  }
  for (const directory of [places.cache, places.conda, places.bytecode])
    makeOwned(directory, sandbox);
  // Where they come from may be closed to the sandbox's user.
  mkdirSync(places.programs, { recursive: true });
  chmodSync(places.programs, 0o755);
  for (const name of readdirSync(ASSETS)) {
    const half = join(places.programs, `.${name}.${process.pid}`);
    copyFileSync(join(ASSETS, name), half);
    chmodSync(half, 0o644);
    renameSync(half, join(places.programs, name));
  }
}

/** Debian packages of an environment, in its directory: see `SystemLayer`. */
export const SYSTEM_LAYER = "system";

/** A directory for the sandbox's user. */
export function makeOwned(directory: string, sandbox: Sandbox): void {
  mkdirSync(directory, { recursive: true, mode: 0o755 });
  chmodSync(directory, 0o755);
  const { owner } = sandbox;
  if (owner.kind === "switch") chownSync(directory, owner.uid, owner.uid);
}

/** The directories of one build; gone after it, except the environment of one that succeeded. */
export interface BuildPlaces {
  /** Name in `building`. */
  readonly name: string;
  readonly environment: string;
  /** The repository's content. */
  readonly home: string;
  /** What our own steps are given: read-only in every sandbox. */
  readonly inputs: string;
  /** What a step hands back. */
  readonly output: string;
  /** Where the filtered way out listens. */
  readonly egress: string;
  /** Settings of the host's index: shown only where no code of a repository runs. */
  readonly index: string;
  /** Parent of home, inputs, output and index. */
  readonly work: string;
}

/**
 * Without isolation the environment is built where it will stay, because paths inside are the host's
 * paths then; that it has no record keeps it absent until it is whole.
 */
export function buildPlaces(
  places: BuilderPlaces,
  sandbox: Sandbox,
  build: { readonly key: EnvironmentKey; readonly nonce: string },
): BuildPlaces {
  const name = `${build.key}-${build.nonce}`;
  const work = join(places.building, `${name}.work`);
  const isAtHome = sandbox.isolation === "none";
  return {
    name,
    environment: isAtHome ? places.environment(build.key) : join(places.building, name),
    work,
    home: join(work, "home"),
    inputs: join(work, "inputs"),
    output: join(work, "output"),
    // Short, because the path of a socket may not be long.
    egress: join(places.building, `${build.nonce}.out`),
    index: join(work, "index"),
  };
}
