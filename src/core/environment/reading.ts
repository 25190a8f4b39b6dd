/** A repository that is being read: its tree, and what is noted of it along the way. */
import { AppError } from "../errors.ts";
import { configurationPath } from "./configuration-directory.ts";
import type { PlanFile } from "./plan.ts";
import type { RepoTree } from "./repo-tree.ts";

export interface Reading {
  readonly tree: RepoTree;
  /** `.binder`, `binder` or "" for the root. */
  readonly directory: string;
  readonly platform: string;
  readonly asOf: string | null;
  readonly files: PlanFile[];
  /** What repo2docker would have done otherwise, one sentence each. */
  readonly differs: string[];
}

/** What goes into the key: a name for people, and a value or digest. */
export interface KeyInput {
  readonly name: string;
  readonly value: string;
}

export function note(
  { files }: Reading,
  path: string,
  verdict: PlanFile["verdict"],
  because: string,
): void {
  if (!files.some((file) => file.path === path)) files.push({ path, verdict, because });
}

/** Path of a file of the configuration directory if it is there as a file; null otherwise. */
export function present({ tree, directory }: Reading, name: string): string | null {
  const path = configurationPath(directory, name);
  return tree.lookup(path).kind === "file" ? path : null;
}

/** As `present`, for what repo2docker would trip over as well: a directory or a link that leads out. */
export function presentOrRefused(reading: Reading, name: string): string | null {
  const path = configurationPath(reading.directory, name);
  const entry = reading.tree.lookup(path);
  if (entry.kind === "missing") return null;
  if (entry.kind === "file") return path;
  const because =
    entry.kind === "directory"
      ? "is a directory, where a file is expected"
      : "is a link that leads out of the repository";
  throw new AppError("config-invalid", `${path} ${because}.`, { detail: { file: path } });
}

/** Git's hash of a file, wherever a link leads. */
export function contentHash({ tree }: Reading, path: string): string {
  const entry = tree.lookup(path);
  return entry.kind === "file" ? entry.file.hash : "none";
}

export function unusable(file: string, because: string): AppError {
  return new AppError("config-unsupported", `${file} cannot be used: ${because}.`, {
    detail: { file },
  });
}
