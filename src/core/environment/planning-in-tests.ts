/** Repositories for tests of the planner, written as a table of paths and texts. */
import type { RepoFile, RepoSnapshot } from "../repo/repo.ts";
import type { Plan } from "./plan.ts";
import { sha256 } from "./sha256.ts";
import { planEnvironment, type PlanOptions } from "./plan-environment.ts";

export const OPTIONS: PlanOptions = {
  platform: "linux-x86_64",
  pythons: ["3.12.4", "3.13.1", "3.11.2"],
  genericServer: { jupyterlab: "4.6.6", notebook: "7.6.5", jupyter_server: "2.21.1" },
  maxConfigFileBytes: 100_000,
};

/** A value is a file's text; `@x` a link to x; null a file that is not text; a path with / at its end a submodule. */
export type Files = Readonly<Record<string, string | null>>;

export function snapshotOf(files: Files): RepoSnapshot {
  const entries = Object.entries(files).map(([path, text]): [RepoFile, string | null] => {
    const hash = sha256(`${text}`).slice(0, 40);
    const base = { path, hash, sizeBytes: text?.length ?? 10 };
    if (path.endsWith("/")) return [{ ...base, path: path.slice(0, -1), kind: "submodule" }, null];
    if (text?.startsWith("@")) return [{ ...base, kind: "symlink" }, text.slice(1)];
    return [{ ...base, kind: path.endsWith("postBuild") ? "executable" : "file" }, text];
  });
  const isLink = ([file]: readonly [RepoFile, string | null]) => file.kind === "symlink";
  return {
    files: entries.map(([file]) => file),
    contents: new Map(
      entries.filter((entry) => !isLink(entry)).map(([file, text]) => [file.path, text]),
    ),
    links: new Map(entries.filter(isLink).map(([file, target]) => [file.path, target ?? ""])),
  };
}

export function planOf(files: Files, options = OPTIONS): Plan {
  const outcome = planEnvironment(snapshotOf(files), options);
  if (outcome.kind === "refused") throw new Error(`refused: ${outcome.failure.message}`);
  return outcome.plan;
}

/** What the plan installs, in words. */
export function wordsOf(plan: Plan): string[] {
  return plan.steps.flatMap((step) => {
    switch (step.kind) {
      case "apt":
        return step.packages.map(
          ({ name, version }) => `apt ${name}${version === null ? "" : `=${version}`}`,
        );
      case "conda":
        return [
          `conda ${step.format} ${step.path}`,
          ...step.channels.map((channel) => `channel ${channel}`),
          ...step.specs,
        ];
      case "node":
        return [`npm ${step.command} ${step.directory || "."}`];
      case "r":
        return [
          `r ${step.version} of ${step.snapshot ?? "today"}`,
          ...step.sources.map(({ kind, path }) => `${kind} ${path}`),
        ];
      case "julia":
        return [`julia ${step.version} ${step.project}`];
      case "nix":
        return [`nix ${step.path}`];
      case "dockerfile":
        return [step.path === null ? `image ${step.image}` : `dockerfile ${step.path}`];
      case "python":
        return [`python ${step.version}`];
      case "packages":
        return step.requirements.map((line) => line);
      case "lock":
        return [`lock of ${step.directory || "."}`, ...step.requirements];
      case "project":
        return [
          `${step.isEditable ? "editable" : "project"} ${step.directory || "."}${step.extras.length > 0 ? `[${step.extras.join()}]` : ""}`,
        ];
      case "archive":
        return [`archive ${step.path}`];
      case "postBuild":
        return [`run ${step.path}`];
    }
  });
}

export const PROJECT =
  '[project]\nname = "p"\nversion = "1"\ndependencies = ["attrs>=20", "Six"]\n';
export const BUILD = '[build-system]\nrequires = ["setuptools"]\n';
