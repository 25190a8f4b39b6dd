/** The environment key: a hash of what decides what is installed, and of nothing else. */
import { digestOfList, digestOfSet } from "./digests.ts";
import type { Plan, PlanServer, PlanStep, PlanStepKind } from "./plan.ts";
import type { KeyInput } from "./reading.ts";
import { sha256 } from "./sha256.ts";

/** Raise it when the same plan is installed differently: every environment is then built anew. */
const BUILDER_VERSION = "1";
/** Versions before it whose environments sessions can still use, the newest first. */
const EARLIER_VERSIONS: readonly string[] = [];

export interface KeyParts {
  readonly platform: string;
  readonly server: PlanServer["kind"];
  readonly steps: readonly PlanStep[];
  /** Digest of the lock, its path, and what it depends on; null without one. */
  readonly lock: string | null;
  /** Of the steps whose content is not in their own fields, and what else decides; absent ones are left out. */
  readonly more: readonly KeyInput[];
  /** What else of the repository is installed or runs, or null: see `repositoryDigest`. */
  readonly repository: { readonly because: string; readonly digest: string } | null;
}

/** The key and what went into it; order, comments, spaces and line endings of the files do not. */
export function environmentKey(parts: KeyParts): Pick<Plan, "key" | "keyInputs"> {
  const of = <Kind extends PlanStepKind>(kind: Kind) =>
    parts.steps.filter((step): step is Extract<PlanStep, { kind: Kind }> => step.kind === kind);
  const packages = of("packages");
  const [first, ...later] = packages;
  const added = packages.flatMap((step) => step.added);
  const options = packages.flatMap((step) => step.options);
  const postBuild = of("postBuild")[0]?.path;
  const inputs = [
    { name: "builder", value: BUILDER_VERSION },
    { name: "platform", value: parts.platform },
    { name: "python", value: of("python")[0]?.version ?? "none" },
    { name: "server", value: parts.server },
    { name: "added packages", value: [...added].sort().join(" ") },
    { name: "requirements", value: digestOfSet(first?.requirements ?? []) },
    {
      name: "requirements of the project",
      value: digestOfSet(later.flatMap((step) => step.requirements)),
    },
    { name: "constraints", value: digestOfSet(packages.flatMap((step) => step.constraints)) },
    { name: "options", value: digestOfList(options.map(({ name, value }) => [name, value])) },
    { name: "projects", value: digestOfSet(of("project").map(projectText)) },
    { name: "archives", value: digestOfSet(of("archive").map(archiveText)) },
    { name: "lock", value: parts.lock ?? "none" },
    { name: "postBuild", value: postBuild ?? "none" },
    ...parts.more,
    repositoryInput(parts.repository),
  ];
  return { key: keyOf(inputs), keyInputs: inputs };
}

/** The keys that earlier versions of the builder gave to the same inputs, the newest first. */
export function earlierKeys(
  { keyInputs }: Pick<Plan, "keyInputs">,
  versions: readonly string[] = EARLIER_VERSIONS,
): readonly string[] {
  return versions.map((version) =>
    keyOf(
      keyInputs.map((input) => (input.name === "builder" ? { ...input, value: version } : input)),
    ),
  );
}

function keyOf(inputs: Plan["keyInputs"]): string {
  return sha256(JSON.stringify(inputs.map(({ name, value }) => [name, value])));
}

function repositoryInput(repository: KeyParts["repository"]): KeyInput {
  if (repository === null) return { name: "repository files", value: "none: no code of it runs" };
  return { name: "repository files", value: `${repository.digest} (${repository.because})` };
}

function projectText(project: Extract<PlanStep, { kind: "project" }>): string {
  const { directory, extras, isEditable, marker } = project;
  return JSON.stringify([directory, extras, isEditable, marker]);
}

function archiveText({ path, extras, marker }: Extract<PlanStep, { kind: "archive" }>): string {
  return JSON.stringify([path, extras, marker]);
}
