/** What an image is made of, and what decides about it beside the plan. */
import type { ContextFile } from "./image-scripts.ts";

/** Programs that the base image may have already. */
export type BaseProgram = "uv" | "node" | "micromamba" | "pixi" | "r" | "julia";

export interface ImageOptions {
  /** Debian or Ubuntu with glibc. */
  readonly baseImage: string;
  readonly baseHas: ReadonlySet<BaseProgram>;
  readonly uvVersion: string;
  /** Lock with hashes of the shared Jupyter server. */
  readonly serverLock: string;
  readonly user: { readonly name: string; readonly uid: number };
  /** Where the repository's content lies; the home when null. */
  readonly repositoryDirectory: string | null;
  readonly labels: Readonly<Record<string, string>>;
  /** Lines of the operator's own, last; null for none. */
  readonly appendix: string | null;
}

export type RenderedImage =
  | {
      readonly kind: "made";
      readonly dockerfile: string;
      /** Beside the repository's content, which lies in `repository/` of the context. */
      readonly context: readonly ContextFile[];
      /** Files of the repository that are needed before its content, and where they lie in the context. */
      readonly copies: readonly { readonly from: string; readonly to: string }[];
      /** What could not be said in the image, one sentence each. */
      readonly notes: readonly string[];
    }
  /** The repository has a Dockerfile of its own: it is built as it is. */
  | {
      readonly kind: "own";
      readonly path: string;
      readonly directory: string;
      readonly target: string | null;
      readonly buildArguments: readonly { readonly name: string; readonly value: string }[];
    };

/** Where the shared server is. */
export const SERVER = "/srv/server";

/** A stretch of the Dockerfile with what it needs in the context. */
export interface Layer {
  readonly lines: readonly string[];
  readonly files: readonly ContextFile[];
  readonly copies: readonly { readonly from: string; readonly to: string }[];
}

export const CONTENT = "repository";
export const INPUTS = "/srv/inputs";
export const ENVIRONMENT = "/srv/env";
export const PYTHON = `${ENVIRONMENT}/bin/python`;

export function layer(lines: readonly string[], rest: Partial<Layer> = {}): Layer {
  return { lines, files: [], copies: [], ...rest };
}

export function inputFile(name: string, lines: readonly string[]): ContextFile {
  const text = lines.map((line) => `${line}\n`).join("");
  return { path: `inputs/${name}`, text, isExecutable: false };
}
