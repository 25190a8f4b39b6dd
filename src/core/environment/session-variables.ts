/** What the programs of a session and of postBuild find in their environment, as repo2docker names it. */
import type { PlanStep } from "./plan.ts";

/** Where things lie, as every session sees them. */
const SESSION_HOME = "/home/jovyan";
const SESSION_ENVIRONMENT = "/srv/env";

const SYSTEM_PATH = [
  "/usr/local/sbin",
  "/usr/local/bin",
  "/usr/sbin",
  "/usr/bin",
  "/sbin",
  "/bin",
] as const;

/** repo2docker's order: the person's own, the repository's, the environment, the system. */
export function sessionPath(steps: readonly PlanStep[]): readonly string[] {
  const has = (kind: PlanStep["kind"]) => steps.some((step) => step.kind === kind);
  return [
    `${SESSION_HOME}/.local/bin`,
    `${SESSION_ENVIRONMENT}/bin`,
    ...(has("node") ? nodeDirectories(steps) : []),
    ...(has("julia") ? ["/srv/julia/bin"] : []),
    ...SYSTEM_PATH,
  ];
}

function nodeDirectories(steps: readonly PlanStep[]): readonly string[] {
  return steps.flatMap((step) =>
    step.kind === "node" ? [`${inHome(step.directory)}/node_modules/.bin`] : [],
  );
}

export function sessionVariables(steps: readonly PlanStep[]): Readonly<Record<string, string>> {
  const variables: Record<string, string> = {
    USER: "jovyan",
    LOGNAME: "jovyan",
    NB_USER: "jovyan",
    NB_UID: "1000",
    HOME: SESSION_HOME,
    REPO_DIR: SESSION_HOME,
    SHELL: "/bin/bash",
    LANG: "C.UTF-8",
    LC_ALL: "C.UTF-8",
    LANGUAGE: "C.UTF-8",
    APP_BASE: "/srv",
    NB_PYTHON_PREFIX: SESSION_ENVIRONMENT,
    KERNEL_PYTHON_PREFIX: SESSION_ENVIRONMENT,
    PYTHONUNBUFFERED: "1",
    DEBIAN_FRONTEND: "noninteractive",
  };
  const hasConda = steps.some(({ kind }) => kind === "conda");
  if (hasConda) {
    variables["CONDA_PREFIX"] = SESSION_ENVIRONMENT;
    variables["CONDA_DEFAULT_ENV"] = SESSION_ENVIRONMENT;
  } else variables["VIRTUAL_ENV"] = SESSION_ENVIRONMENT;
  for (const step of steps) {
    if (step.kind === "r") variables["R_LIBS_USER"] = `${SESSION_ENVIRONMENT}/rlibs`;
    if (step.kind !== "julia") continue;
    variables["JULIA_DEPOT_PATH"] = "/srv/julia/pkg";
    variables["JULIA_PROJECT"] = inHome(step.directory);
  }
  return variables;
}

function inHome(directory: string): string {
  return directory === "" ? SESSION_HOME : `${SESSION_HOME}/${directory}`;
}
