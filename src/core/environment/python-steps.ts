/** The steps that make the Python environment: an interpreter or conda, locks, packages, projects. */
import { type CondaFiles, condaRequirements } from "./conda-files.ts";
import { serverPackages } from "./decide-server.ts";
import { digestOfSet } from "./digests.ts";
import type {
  ArchiveStep,
  CondaStep,
  LockStep,
  PackagesStep,
  PlanServer,
  PlanStep,
} from "./plan.ts";
import type { PythonFiles } from "./python-files.ts";
import type { KeyInput } from "./reading.ts";
import type { Wanted } from "./requirements-files.ts";

/** Added to every environment, so that notebooks run, widgets show and `%pip` works. */
const KERNEL_PACKAGES = ["ipykernel", "ipywidgets", "pip"] as const;

interface Circumstances {
  readonly server: PlanServer;
  readonly asOf: string | null;
  /** postBuild or install.R may count on what repo2docker installs beside R. */
  readonly hasScripts: boolean;
}

/** In the order of the plan: what comes before `node`, and what comes after `julia`. */
export interface PythonSteps {
  readonly packages: readonly PlanStep[];
  readonly own: readonly PlanStep[];
}

export function pythonSteps(python: PythonFiles, around: Circumstances): PythonSteps {
  const { conda, lock, wanted, ofProject } = python;
  const added = [...KERNEL_PACKAGES, ...serverPackages(around.server, python.direct)];
  const isSolved = conda !== null && conda.lockDigest === null;
  const { asOf } = around;
  const packages: PlanStep[] = [
    ...(conda === null ? [pythonStep(python)] : [condaStep({ ...python, conda }, added, around)]),
    ...(lock === null ? [] : [lockStep(lock)]),
    packagesStep(wanted, { added: isSolved ? [] : added, asOf }),
    ...(ofProject.packages.length === 0 ? [] : [packagesStep(ofProject, { added: [], asOf })]),
  ];
  const archives = [wanted, ofProject, lock?.wanted].flatMap((one) => one?.archives ?? []);
  const own: PlanStep[] = archives.map(
    ({ path, extras, marker }): ArchiveStep => ({
      ...{ kind: "archive", path, extras, marker, files: [path] },
    }),
  );
  for (const { directory, extras, isEditable, marker } of python.projects) {
    own.push({ kind: "project", directory, extras, isEditable, marker, files: ["."] });
  }
  return { packages, own };
}

function pythonStep({ chosen, versionFiles }: PythonFiles): PlanStep {
  const { version, because } = chosen ?? { version: "3.12", because: "the default" };
  return { kind: "python", version, because, files: versionFiles };
}

function lockStep({
  format,
  directory,
  path,
  wanted,
  files,
}: NonNullable<PythonFiles["lock"]>): LockStep {
  return {
    ...{ kind: "lock", format, directory, path, files },
    requirements: wanted.packages.map(({ text }) => text),
    options: wanted.options,
  };
}

function packagesStep(
  wanted: Wanted,
  { added, asOf }: { readonly added: readonly string[]; readonly asOf: string | null },
): PackagesStep {
  return {
    kind: "packages",
    requirements: wanted.packages.map(({ text }) => text),
    sources: wanted.packages.map(({ source }) => source),
    constraints: wanted.constraints.map(({ text }) => text),
    options: wanted.options,
    ...{ added, asOf, files: wanted.files },
  };
}

function condaStep(
  { conda, chosen }: PythonFiles & { readonly conda: CondaFiles },
  wanted: readonly string[],
  { hasScripts }: Circumstances,
): CondaStep {
  const { step, specs } = conda;
  const own = specs.find(({ name }) => name === "python");
  const python = own?.version ?? (chosen === null ? null : condaVersion(chosen.version));
  if (conda.lockDigest !== null) return { ...step, added: [], python };
  const names = new Set(condaRequirements(specs).map(({ name }) => name));
  const usesR = [...names].some((name) => name.startsWith("r-"));
  const r = ["r-base", "r-irkernel", ...(hasScripts ? ["r-devtools"] : [])];
  const more = [...wanted, ...(usesR ? r : [])].filter((name) => !names.has(name));
  const interpreter = own === undefined ? [`python ${python ?? "*"}`] : [];
  return { ...step, added: [...interpreter, ...more], python };
}

function condaVersion(version: string): string {
  return version.split(".").length > 2 ? `==${version}` : `${version}.*`;
}

/** What of a conda environment decides what is installed. */
export function condaInput(
  { conda }: PythonFiles,
  steps: readonly PlanStep[],
): readonly KeyInput[] {
  const step = steps.find(({ kind }) => kind === "conda");
  if (conda === null || step?.kind !== "conda") return [];
  const value =
    conda.lockDigest ??
    `${digestOfSet([...step.specs, ...step.added])} from ${step.channels.join(", ")}`;
  return [{ name: conda.lockDigest === null ? "conda" : "lock of conda", value }];
}
