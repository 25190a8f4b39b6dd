/** Git, without which no repository comes here, and its extension for large files. */
import { askProgram } from "./ask-program.ts";
import type { Examination, Finding } from "./finding.ts";
import { installHint } from "./install-hint.ts";

export async function examineGit({ environment }: Examination): Promise<readonly Finding[]> {
  const git = await askProgram(["git", "--version"], environment);
  if (git.kind !== "said") {
    return [
      {
        part: "git",
        state: "bad",
        found: git.kind === "absent" ? "not installed" : git.because,
        meaning: "No repository can be fetched.",
        remedy: installHint("git"),
      },
    ];
  }
  return [
    {
      part: "git",
      state: "good",
      found: git.text,
      meaning: "Repositories can be fetched.",
      remedy: null,
    },
    await examineLargeFiles(environment),
  ];
}

async function examineLargeFiles(environment: Examination["environment"]): Promise<Finding> {
  const lfs = await askProgram(["git", "lfs", "version"], environment);
  return lfs.kind === "said"
    ? {
        part: "git-lfs",
        state: "good",
        found: lfs.text.split(" ")[0] ?? "",
        meaning: "Large files of repositories are fetched.",
        remedy: null,
      }
    : {
        part: "git-lfs",
        state: "limited",
        found: "not installed",
        meaning: "Repositories that keep files in Git LFS come with the pointers instead.",
        remedy: installHint("git-lfs"),
      };
}
