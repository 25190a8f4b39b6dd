/** What becomes of the configuration files that Bindery recognises and does not build from. */
import { AppError } from "../errors.ts";
import { configurationPath } from "./configuration-directory.ts";
import { OTHER_FILES } from "./other-files.ts";
import type { PlanFile } from "./plan.ts";
import { meaningfulLines } from "./requirement-lines.ts";
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
 * what to install (`isComplete` is false), and for an apt.txt that names packages.
 */
export function noteOtherFiles(
  tree: RepoTree,
  place: { readonly directory: string; readonly isComplete: boolean; readonly files: PlanFile[] },
): void {
  for (const { name, rule, because } of OTHER_FILES) {
    const path = configurationPath(place.directory, name);
    if (tree.lookup(path).kind !== "file") continue;
    if (rule === "refuse-alone" && !place.isComplete) throw refusal(path, because);
    const why = {
      refuse: "it counts in the root only",
      "refuse-alone": `${because}, and another file decides, as in repo2docker`,
      ignore: because,
    }[rule];
    place.files.push({ path, verdict: "ignored", because: why });
  }
  noteDebianPackages(tree, place.directory, place.files);
}

function refusal(file: string, because: string): AppError {
  return new AppError("config-unsupported", `${file} cannot be built here yet: ${because}.`, {
    detail: { file },
  });
}

/** `apt.txt` that names no package is harmless. */
function noteDebianPackages(tree: RepoTree, directory: string, files: PlanFile[]): void {
  const path = configurationPath(directory, "apt.txt");
  if (tree.lookup(path).kind === "missing") return;
  const first = meaningfulLines(tree.read(path) ?? "")[0];
  if (first === undefined) {
    files.push({ path, verdict: "ignored", because: "it names no package" });
    return;
  }
  throw new AppError(
    "config-unsupported",
    `${path}:${first.line}: Debian packages cannot be installed here yet.`,
    { detail: { file: path, line: first.line } },
  );
}
