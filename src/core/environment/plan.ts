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

/** One thing that the builder does, in order. Paths are relative to the repository's root. */
export type PlanStep =
  | {
      readonly kind: "python";
      /** `"3.12"`, or `"3.12.4"` where exactly that one was asked for and is here. */
      readonly version: string;
      readonly because: string;
      readonly files: readonly string[];
    }
  | {
      readonly kind: "packages";
      /** PEP 508 lines, joined, free of comments, each with its `--hash` options. */
      readonly requirements: readonly string[];
      /** For each of `requirements`, in the same order. */
      readonly sources: readonly PlanSource[];
      readonly constraints: readonly string[];
      readonly options: readonly PipOption[];
      /** What Bindery adds, so that notebooks, widgets and `%pip` work. */
      readonly added: readonly string[];
      readonly files: readonly string[];
    }
  | {
      readonly kind: "lock";
      /** The lock file from which the exact set is installed; `directory` holds it. */
      readonly format: "uv";
      readonly directory: string;
      readonly files: readonly string[];
    }
  | {
      readonly kind: "project";
      /** Directory that is installed as a package (runs the repository's code); "" for the root. */
      readonly directory: string;
      readonly extras: readonly string[];
      readonly isEditable: boolean;
      /** PEP 508 marker, or null. */
      readonly marker: string | null;
      readonly files: readonly string[];
    }
  | {
      readonly kind: "archive";
      /** A wheel or source archive that lies in the repository. */
      readonly path: string;
      readonly extras: readonly string[];
      readonly marker: string | null;
      readonly files: readonly string[];
    }
  | { readonly kind: "postBuild"; readonly path: string; readonly files: readonly string[] };

/** A configuration file that was seen, and what became of it. */
export interface PlanFile {
  readonly path: string;
  readonly verdict: "used" | "ignored";
  readonly because: string;
}

/** Which Jupyter server runs: the shared prebuilt one, or one from the repository's environment. */
export interface PlanServer {
  readonly kind: "generic" | "environment";
  readonly because: string;
}

export interface Plan {
  /** `.binder`, `binder` or `""` for the root. */
  readonly binderDirectory: string;
  readonly steps: readonly PlanStep[];
  readonly files: readonly PlanFile[];
  readonly server: PlanServer;
  /** Path of the `start` script, relative to the root, or null. */
  readonly start: string | null;
  /** True when a step runs code of the repository (postBuild, a package built from source). */
  readonly runsRepositoryCode: boolean;
  /** Why no generic server started beforehand can serve this session, or null. */
  readonly coldStartBecause: string | null;
  /** 64 hex digits: hash of `keyInputs`. Equal keys install the same environment. */
  readonly key: string;
  /** What went into the key, for people: name and digest or value. */
  readonly keyInputs: readonly { readonly name: string; readonly value: string }[];
}

export type PlanOutcome =
  | { readonly kind: "planned"; readonly plan: Plan }
  | { readonly kind: "refused"; readonly failure: Failure };
