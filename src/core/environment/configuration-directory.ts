/** Where configuration files are looked for: `.binder/`, `binder/`, or the root. */
import { AppError } from "../errors.ts";
import { OTHER_FILES, OWN_FILES } from "./other-files.ts";
import type { PlanFile } from "./plan.ts";
import type { RepoTree } from "./repo-tree.ts";

/** `.binder`, `binder` or "" for the root. Throws `config-conflict` when there are two. */
export function configurationDirectory(tree: RepoTree): string {
  const found = [".binder", "binder"].filter((name) => tree.lookup(name).kind === "directory");
  if (found.length > 1) {
    throw new AppError(
      "config-conflict",
      "The repository has both .binder/ and binder/; repo2docker refuses that too.",
    );
  }
  return found[0] ?? "";
}

/** Path of a file in the configuration directory. */
export function configurationPath(directory: string, name: string): string {
  return directory === "" ? name : `${directory}/${name}`;
}

/** Notes the configuration files that nothing reads because of where they are, or how they are spelled. */
export function noteFilesOutside(tree: RepoTree, directory: string, files: PlanFile[]): void {
  const known = [...OWN_FILES, ...OTHER_FILES.map(({ name }) => name)];
  const note = (path: string, because: string) => {
    if (!files.some((file) => file.path === path))
      files.push({ path, verdict: "ignored", because });
  };
  if (directory !== "") {
    for (const name of known) {
      if (tree.lookup(name).kind !== "file") continue;
      note(name, `${directory}/ exists, and then configuration is looked for there only`);
    }
  }
  const exact = new Set(known);
  const spelled = new Map(known.map((name) => [name.toLowerCase(), name]));
  for (const name of tree.names(directory)) {
    const right = spelled.get(name.toLowerCase());
    if (right === undefined || exact.has(name)) continue;
    note(configurationPath(directory, name), `it would have to be spelled ${right}`);
  }
}
