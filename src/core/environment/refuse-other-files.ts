/** What becomes of the configuration files that Bindery recognises and does not build from. */
import { AppError } from "../errors.ts";
import { configurationPath } from "./configuration-directory.ts";
import { OTHER_FILES } from "./other-files.ts";
import type { PlanFile } from "./plan.ts";
import type { RepoTree } from "./repo-tree.ts";

/** Throws `config-unsupported` for the first file from which repo2docker would build. */
export function refuseDecidingFiles(tree: RepoTree, directory: string): void {
  for (const { name, rule, because, isRootOnly } of OTHER_FILES) {
    const path = configurationPath(directory, name);
    const counts = isRootOnly !== true || directory === "";
    if (rule === "refuse" && counts && tree.lookup(path).kind === "file")
      throw refusal(path, because);
  }
}

/**
 * Notes the others as ignored. Throws `config-unsupported` for one without which nothing would say
 * what to install (`isComplete` is false).
 */
export function noteOtherFiles(
  tree: RepoTree,
  place: { readonly directory: string; readonly isComplete: boolean; readonly files: PlanFile[] },
): void {
  for (const { name, rule, because } of OTHER_FILES) {
    const path = configurationPath(place.directory, name);
    if (tree.lookup(path).kind !== "file") continue;
    if (place.files.some((file) => file.path === path)) continue;
    if (rule === "refuse-alone" && !place.isComplete) throw refusal(path, because);
    const why = {
      refuse: "it counts in the root only",
      "refuse-alone": `${because}, and another file decides, as in repo2docker`,
      ignore: because,
    }[rule];
    place.files.push({ path, verdict: "ignored", because: why });
  }
}

function refusal(file: string, because: string): AppError {
  return new AppError("config-unsupported", `${file} cannot be built here yet: ${because}.`, {
    detail: { file },
  });
}
