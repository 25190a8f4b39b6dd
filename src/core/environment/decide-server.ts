/** Which Jupyter server a repository needs: the shared one, unless it brings or pins its own. */
import { satisfies, validRange } from "@renovatebot/pep440";
import type { PlanServer } from "./plan.ts";
import type { Requirement } from "./requirement.ts";

/** Distributions that run inside the server, where the shared one cannot have them. */
const SERVER_EXTENSIONS: ReadonlySet<string> = new Set([
  "dask-labextension",
  "elyra",
  "elyra-server",
  "ipyparallel",
  "jupyter-ai",
  "jupyter-archive",
  "jupyter-codeserver-proxy",
  "jupyter-collaboration",
  "jupyter-contrib-nbextensions",
  "jupyter-desktop-server",
  "jupyter-fs",
  "jupyter-marimo-proxy",
  "jupyter-nbextensions-configurator",
  "jupyter-openrefine-proxy",
  "jupyter-pluto-proxy",
  "jupyter-remote-desktop-proxy",
  "jupyter-resource-usage",
  "jupyter-rsession-proxy",
  "jupyter-scheduler",
  "jupyter-server-mathjax",
  "jupyter-server-proxy",
  "jupyter-shiny-proxy",
  "jupyter-sshd-proxy",
  "jupyter-videochat",
  "jupyter-vscode-proxy",
  "jupyterlab-code-formatter",
  "jupyterlab-git",
  "jupyterlab-github",
  "jupyterlab-latex",
  "jupyterlab-lsp",
  "jupyterlab-nvdashboard",
  "jupytext",
  "nbclassic",
  "nbdime",
  "nbgitpuller",
  "nbgrader",
  "nbresuse",
  "nbserverproxy",
  "panel",
  "voila",
]);

/** What the server of an environment consists of. */
const SERVER_PACKAGES = ["jupyterlab", "notebook"] as const;

/** The distributions whose version is the server's version. */
const SERVER_PARTS: ReadonlySet<string> = new Set([
  "jupyterlab",
  "notebook",
  "jupyter-server",
  "jupyterlab-server",
  "nbclassic",
]);

/**
 * Decides from what is asked for directly. `generic` maps the shared server's distributions to their
 * versions. What comes along as a dependency is seen after the installation only.
 */
export function decideServer(
  requirements: readonly Requirement[],
  generic: Readonly<Record<string, string>>,
): PlanServer {
  const versions = new Map(
    Object.entries(generic).map(([name, version]) => [name.replaceAll("_", "-"), version]),
  );
  for (const requirement of requirements) {
    const because = whyOwnServer(requirement, versions.get(requirement.name));
    if (because !== null) return { kind: "environment", because };
  }
  return { kind: "generic", because: "nothing asked for needs a server of its own" };
}

function whyOwnServer(requirement: Requirement, version: string | undefined): string | null {
  const { name, specifier, url } = requirement;
  if (SERVER_EXTENSIONS.has(name)) return `${name} runs inside the Jupyter server`;
  if (!SERVER_PARTS.has(name)) return null;
  if (url !== null) return `${name} comes from an address of its own`;
  if (specifier === "" || !validRange(specifier)) return null;
  if (version === undefined)
    return `${name}${specifier} is asked for, and the shared server has none`;
  if (satisfies(version, specifier, { prereleases: true })) return null;
  return `${name}${specifier} is asked for, and the shared server has ${version}`;
}

/** What must be added to the packages so that the environment has a server. */
export function serverPackages(
  server: PlanServer,
  requirements: readonly Requirement[],
): readonly string[] {
  if (server.kind === "generic") return [];
  return SERVER_PACKAGES.filter((name) => !requirements.some((one) => one.name === name));
}
