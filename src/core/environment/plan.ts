/** The result of reading a repository: what must be installed, from which files, and why. */
import type { Failure } from "../errors.ts";

/** Where a line of a step comes from: path inside the repository, line from 1. */
export interface PlanSource {
  readonly file: string;
  readonly line: number;
}

/** An option of a requirements file that holds for the whole installation. */
export interface PipOption {
  readonly name:
    | "index-url"
    | "extra-index-url"
    | "find-links"
    | "no-index"
    | "no-binary"
    | "only-binary"
    | "pre"
    | "require-hashes"
    | "trusted-host";
  /** Null for a flag. A `find-links` without `://` is a path inside the repository. */
  readonly value: string | null;
}

/** What every step has. Paths are relative to the repository's root; `"."` is all of its content. */
interface Reads {
  /** Files that the step reads. Where `"."` is among them, code of the repository runs in the step. */
  readonly files: readonly string[];
}

/** Resolve as on this day: nothing published after its end (UTC), `2024-01-31`; null for today. */
interface Dated {
  readonly asOf: string | null;
}

/** Debian packages, installed without what they merely recommend. */
export interface AptStep extends Reads, Dated {
  readonly kind: "apt";
  readonly packages: readonly DebianPackage[];
}

export interface DebianPackage {
  /** `[a-z0-9][a-z0-9+.-]*`: it can never be an option, nor remove anything. */
  readonly name: string;
  /** Exactly this version, or null. */
  readonly version: string | null;
  readonly source: PlanSource;
}

/** The interpreter of a virtual environment; in a plan with a `conda` step there is none. */
export interface PythonStep extends Reads {
  readonly kind: "python";
  /** `"3.12"`, or `"3.12.4"` where exactly that one was asked for and is here. */
  readonly version: string;
  readonly because: string;
}

/** A conda environment, which then is the environment: `packages` steps install into it with uv. */
export interface CondaStep extends Reads, Dated {
  readonly kind: "conda";
  /** `environment` is solved from `specs`; the others are locks, installed from `path` as they are. */
  readonly format: "environment" | "explicit" | "conda-lock" | "pixi";
  /** The file itself: environment.yml, the lock, or pixi.lock; pixi.toml where it has no lock. */
  readonly path: string;
  /** In order of preference, as written: names and addresses; `defaults` is Anaconda's. Empty for locks. */
  readonly channels: readonly string[];
  /** Empty for locks. Ready for the solver, checked: `numpy >=1.2`, `conda-forge::python 3.12.*`. */
  readonly specs: readonly string[];
  /** For each of `specs`, in the same order. */
  readonly sources: readonly PlanSource[];
  /** What Bindery adds to `specs`; for locks it adds its packages by pip afterwards. */
  readonly added: readonly string[];
  /** Which Python is asked for, as a conda version (`3.12.*`, `>=3.11`); null for a lock's own. */
  readonly python: string | null;
  /** Of a lock that holds several, the one to install, `default`; null for the others. */
  readonly environment: string | null;
  /** `linux-64`, `linux-aarch64`. */
  readonly platform: string;
  readonly because: string;
}

/** Packages from indexes, addresses and Git, by uv. */
export interface PackagesStep extends Reads, Dated {
  readonly kind: "packages";
  /** PEP 508 lines, joined, free of comments, each with its `--hash` options. */
  readonly requirements: readonly string[];
  /** For each of `requirements`, in the same order. */
  readonly sources: readonly PlanSource[];
  readonly constraints: readonly string[];
  readonly options: readonly PipOption[];
  /** What Bindery adds, so that notebooks, widgets and `%pip` work. */
  readonly added: readonly string[];
}

/** An exact set of Python packages, installed as it is. */
export interface LockStep extends Reads {
  readonly kind: "lock";
  /** `uv` is read by `uv export --frozen`; of the others `requirements` is the whole content. */
  readonly format: "uv" | "pylock" | "poetry" | "pipfile";
  /** Directory that holds the lock, "" for the root. */
  readonly directory: string;
  /** The lock file. */
  readonly path: string;
  /** `name==version ; marker --hash=…`, every package of the lock: a complete set. */
  readonly requirements: readonly string[];
  /** Indexes that the lock names. */
  readonly options: readonly PipOption[];
}

/** JavaScript packages, into `node_modules` beside package.json, by npm. */
export interface NodeStep extends Reads, Dated {
  readonly kind: "node";
  /** `ci` where there is a lock of npm. */
  readonly command: "ci" | "install";
  /** Directory of package.json, "" for the root. */
  readonly directory: string;
  /** Range of `engines.node`, or what .nvmrc or .node-version says; null for any. */
  readonly version: string | null;
}

/** R, its Jupyter kernel, and the packages that each of `sources` asks for, in order. */
export interface RStep extends Reads {
  readonly kind: "r";
  /** `4.4` or `4.4.2`. */
  readonly version: string;
  /** Day of the CRAN snapshot, `2024-01-31`; null for the newest. */
  readonly snapshot: string | null;
  /** `conda`: the conda environment has `r-base`, and packages are installed into that R. */
  readonly runtime: "system" | "conda";
  readonly sources: readonly RSource[];
  readonly because: string;
}

export type RSource =
  /** Run by Rscript. `isAlone`: it names no other file, and only it is there when it runs. */
  | { readonly kind: "install.R"; readonly path: string; readonly isAlone: boolean }
  /** `remotes::install_local` of the directory (runs the repository's code). */
  | { readonly kind: "DESCRIPTION"; readonly path: string; readonly directory: string }
  /** `renv::restore` from the lock file alone. */
  | { readonly kind: "renv.lock"; readonly path: string };

/** Julia, IJulia in the default environment, and the project, instantiated. */
export interface JuliaStep extends Reads {
  readonly kind: "julia";
  /** `1.10` (its newest release), or `1.10.4` where exactly that one was asked for. */
  readonly version: string;
  readonly because: string;
  /** Directory of the project, "" for the root: JULIA_PROJECT. */
  readonly directory: string;
  /** Project.toml or JuliaProject.toml. */
  readonly project: string;
  /** Manifest.toml beside it, or null. */
  readonly manifest: string | null;
}

/** An environment by Nix, which then brings the server too. */
export interface NixStep extends Reads {
  readonly kind: "nix";
  readonly format: "default.nix" | "flake.nix";
  readonly path: string;
  /** flake.lock, or null. */
  readonly lock: string | null;
}

/** An image that the repository describes itself: the plan has no other step. */
export interface DockerfileStep extends Reads {
  readonly kind: "dockerfile";
  readonly source: "Dockerfile" | "devcontainer.json";
  /** Null where `image` is used as it is. */
  readonly path: string | null;
  readonly image: string | null;
  /** Directory of the build context, "" for the root. */
  readonly context: string;
  readonly target: string | null;
  /** On top of NB_USER, NB_UID and REPO_DIR. */
  readonly buildArguments: readonly { readonly name: string; readonly value: string }[];
}

/** A directory that is installed as a package (runs the repository's code); "" for the root. */
export interface ProjectStep extends Reads {
  readonly kind: "project";
  readonly directory: string;
  readonly extras: readonly string[];
  readonly isEditable: boolean;
  /** PEP 508 marker, or null. */
  readonly marker: string | null;
}

/** A wheel or source archive that lies in the repository. */
export interface ArchiveStep extends Reads {
  readonly kind: "archive";
  readonly path: string;
  readonly extras: readonly string[];
  readonly marker: string | null;
}

/** A program of the repository, run last: in the home, as the person, by its own shebang. */
export interface PostBuildStep extends Reads {
  readonly kind: "postBuild";
  readonly path: string;
}

/**
 * One thing that the builder does. They come in this order: apt; nix, conda or python; lock and
 * packages; node; r; julia; archive; project; postBuild. Every text of the repository in it is one
 * value of its own, checked against what may stand there, and must be passed as one argument.
 */
export type PlanStep =
  | AptStep
  | PythonStep
  | CondaStep
  | NixStep
  | DockerfileStep
  | LockStep
  | PackagesStep
  | NodeStep
  | RStep
  | JuliaStep
  | ArchiveStep
  | ProjectStep
  | PostBuildStep;

export type PlanStepKind = PlanStep["kind"];

/** A configuration file that was seen, and what became of it. */
export interface PlanFile {
  readonly path: string;
  /** `unusable` is in refusals only: it had to be used and could not. */
  readonly verdict: "used" | "ignored" | "unusable";
  readonly because: string;
}

/** Which Jupyter server runs: the shared prebuilt one, or one from the repository's environment. */
export interface PlanServer {
  readonly kind: "generic" | "environment";
  readonly because: string;
}

/** What can build it: steps on this machine, or a container builder. */
export interface PlanEngine {
  readonly kind: "local" | "container";
  /** The first step that this machine cannot do; null where it can do them all. */
  readonly step: PlanStepKind | null;
  readonly because: string;
}

export interface Plan {
  /** `.binder`, `binder` or `""` for the root. */
  readonly binderDirectory: string;
  readonly steps: readonly PlanStep[];
  readonly engine: PlanEngine;
  readonly files: readonly PlanFile[];
  readonly server: PlanServer;
  /** Path of the `start` script, relative to the root, or null. */
  readonly start: string | null;
  /** What the session and postBuild see, without PATH. */
  readonly environmentVariables: Readonly<Record<string, string>>;
  /** PATH, first one first, as repo2docker orders it; directories as the session sees them. */
  readonly path: readonly string[];
  /** True when a step runs code of the repository (postBuild, a package built from source). */
  readonly runsRepositoryCode: boolean;
  /** Why no generic server started beforehand can serve this session, or null. */
  readonly coldStartBecause: string | null;
  /** What repo2docker would have done otherwise, one sentence each. */
  readonly differsFromRepo2docker: readonly string[];
  /** Everything is resolved as on this day, `2024-01-31`; null for today. */
  readonly asOf: string | null;
  /** 64 hex digits: hash of `keyInputs`. Equal keys install the same environment. */
  readonly key: string;
  /** What went into the key, for people: name and digest or value. */
  readonly keyInputs: readonly { readonly name: string; readonly value: string }[];
}

export type PlanOutcome =
  | { readonly kind: "planned"; readonly plan: Plan }
  /** `files`: what had been seen by then, the one at fault among them. */
  | {
      readonly kind: "refused";
      readonly failure: Failure;
      readonly files: readonly PlanFile[];
    };
