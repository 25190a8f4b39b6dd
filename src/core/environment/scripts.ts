/** `postBuild` and `start`: programs of the repository that are run, not read. */
import { AppError } from "../errors.ts";
import { configurationPath } from "./configuration-directory.ts";
import type { PlanFile } from "./plan.ts";
import type { RepoTree } from "./repo-tree.ts";

const MEANING = {
  postBuild: "it runs once, at the end of the build",
  start: "it starts each session's server",
} as const;

/** Path of the script, or null when there is none. Throws `config-invalid` for a directory. */
export function readScript(
  tree: RepoTree,
  directory: string,
  name: keyof typeof MEANING,
  files: PlanFile[],
): string | null {
  const path = configurationPath(directory, name);
  const entry = tree.lookup(path);
  switch (entry.kind) {
    case "missing":
      return null;
    case "file":
      files.push({ path, verdict: "used", because: MEANING[name] });
      return path;
    case "directory":
      throw invalid(path, "is a directory, where a program is expected");
    case "outside":
      throw invalid(path, "is a link that leads out of the repository");
  }
}

function invalid(file: string, because: string): AppError {
  return new AppError("config-invalid", `${file} ${because}.`, { detail: { file } });
}
