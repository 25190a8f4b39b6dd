/** The result of reading a repository: what must be installed, from which files, and why. */
import type { Failure } from "../errors.ts";

/** One thing that the builder does, in order. Paths are relative to the repository's root. */
export type PlanStep =
  | {
      readonly kind: "python";
      /** PEP 440 specifier, `"3.12"`, or null for the builder's default. */
      readonly version: string | null;
      readonly because: string;
      readonly files: readonly string[];
    }
  | {
      readonly kind: "packages";
      /** Requirement lines (PEP 508 and pip options), already joined and free of comments. */
      readonly requirements: readonly string[];
      readonly files: readonly string[];
    }
  | {
      readonly kind: "lock";
      /** The lock file from which the exact set is installed. */
      readonly format: "uv";
      readonly files: readonly string[];
    }
  | {
      readonly kind: "project";
      /** Directory that is installed as a package (runs the repository's code). */
      readonly directory: string;
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
