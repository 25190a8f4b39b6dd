/** The environment key: a hash of what decides what is installed, and of nothing else. */
import type { RepoFile } from "../repo/repo.ts";
import type { Plan, PlanServer } from "./plan.ts";
import { sha256 } from "./sha256.ts";
import type { Wanted, WantedProject } from "./requirements-files.ts";

/** Raise it when the same plan is installed differently: every environment is then built anew. */
const BUILDER_VERSION = "1";

export interface KeyParts {
  readonly platform: string;
  readonly python: string;
  readonly server: PlanServer["kind"];
  readonly added: readonly string[];
  /** Installed one after the other. */
  readonly wanted: readonly Wanted[];
  readonly projects: readonly WantedProject[];
  /** Digest of the lock, its path, and what it depends on; null without one. */
  readonly lock: string | null;
  /** What else of the repository is installed or runs, or null: see `repositoryDigest`. */
  readonly repository: { readonly because: string; readonly digest: string } | null;
  readonly postBuild: string | null;
}

/** The key and what went into it; order, comments, spaces and line endings of the files do not. */
export function environmentKey(parts: KeyParts): Pick<Plan, "key" | "keyInputs"> {
  const first = parts.wanted[0];
  const later = parts.wanted.slice(1).flatMap(({ packages }) => packages);
  const constraints = parts.wanted.flatMap((wanted) => wanted.constraints);
  const options = parts.wanted.flatMap((wanted) => wanted.options);
  const archives = parts.wanted.flatMap((wanted) => wanted.archives);
  const inputs = [
    { name: "builder", value: BUILDER_VERSION },
    { name: "platform", value: parts.platform },
    { name: "python", value: parts.python },
    { name: "server", value: parts.server },
    { name: "added packages", value: [...parts.added].sort().join(" ") },
    { name: "requirements", value: digestOfSet(first?.packages.map(({ text }) => text) ?? []) },
    { name: "requirements of the project", value: digestOfSet(later.map(({ text }) => text)) },
    { name: "constraints", value: digestOfSet(constraints.map(({ text }) => text)) },
    { name: "options", value: digestOfList(options.map(({ name, value }) => [name, value])) },
    { name: "projects", value: digestOfSet(parts.projects.map(projectText)) },
    { name: "archives", value: digestOfSet(archives.map(archiveText)) },
    { name: "lock", value: parts.lock ?? "none" },
    { name: "postBuild", value: parts.postBuild ?? "none" },
    repositoryInput(parts.repository),
  ];
  const text = JSON.stringify(inputs.map(({ name, value }) => [name, value]));
  return { key: sha256(text), keyInputs: inputs };
}

function repositoryInput(repository: KeyParts["repository"]): Plan["keyInputs"][number] {
  if (repository === null) return { name: "repository files", value: "none: no code of it runs" };
  return { name: "repository files", value: `${repository.digest} (${repository.because})` };
}

function projectText(project: WantedProject): string {
  const { directory, extras, isEditable, marker } = project;
  return JSON.stringify([directory, extras, isEditable, marker]);
}

function archiveText(archive: Wanted["archives"][number]): string {
  return JSON.stringify([archive.path, archive.extras, archive.marker]);
}

function digestOfSet(lines: readonly string[]): string {
  const once = [...new Set(lines)].sort();
  return once.length === 0 ? "none" : `${digestOfList(once)} (${once.length})`;
}

function digestOfList(values: readonly unknown[]): string {
  return values.length === 0 ? "none" : sha256(JSON.stringify(values));
}

/** Digest of paths, modes and contents of the files that `includes` picks; all of them by default. */
export function repositoryDigest(
  files: readonly RepoFile[],
  includes: (path: string) => boolean = () => true,
): string {
  const lines = files
    .filter(({ path }) => includes(path))
    .map(({ path, kind, hash }) => JSON.stringify([path, kind, hash]))
    .sort();
  return sha256(lines.join("\n"));
}
