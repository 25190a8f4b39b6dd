/** What can build a plan: steps on this machine, or a container builder; and what to say without one. */
import { type Failure, failure } from "../errors.ts";
import { isR } from "./r-version.ts";
import type { Plan, PlanEngine, PlanStep, PlanStepKind } from "./plan.ts";

/** What every machine with Bindery can do. The app adds what it finds here, e.g. npm. */
export const LOCAL_STEP_KINDS: ReadonlySet<PlanStepKind> = new Set([
  "python",
  "packages",
  "lock",
  "project",
  "archive",
  "postBuild",
]);

const NAMES: Record<PlanStepKind, string> = {
  apt: "Debian packages",
  python: "Python",
  conda: "a conda environment",
  nix: "a Nix environment",
  dockerfile: "a container image",
  lock: "a lock",
  packages: "Python packages",
  node: "JavaScript packages",
  r: "R",
  julia: "Julia",
  archive: "an archive",
  project: "a project",
  postBuild: "postBuild",
};

export interface LocalMachine {
  readonly local: ReadonlySet<PlanStepKind>;
  /** Full version of R, or null. */
  readonly r: string | null;
}

/** R comes with the conda environment, or is the machine's own in the version that is wanted. */
function isLocal(step: PlanStep, { local, r }: LocalMachine): boolean {
  if (step.kind !== "r") return local.has(step.kind);
  return step.runtime === "conda" ? local.has("conda") : isR(r, step.version);
}

/** `local` if each step can be done here; otherwise the reason names what cannot. */
export function decideEngine(steps: readonly PlanStep[], machine: LocalMachine): PlanEngine {
  const other = steps.find((step) => !isLocal(step, machine));
  if (other === undefined) {
    return { kind: "local", step: null, because: "every step can be done here" };
  }
  const because = `${NAMES[other.kind]} (${fileOf(other)}) needs the container builder`;
  return { kind: "container", step: other.kind, because };
}

/** The failure of a plan that only a container builder can build, where there is none; or null. */
export function refusalOfEngine({ engine, steps }: Plan): Failure | null {
  if (engine.kind === "local") return null;
  const step = steps.find(({ kind }) => kind === engine.step);
  const file = step === undefined ? undefined : fileOf(step);
  const detail = file === undefined ? {} : { file };
  return failure("config-unsupported", `${engine.because}, and there is none here.`, detail);
}

function fileOf(step: PlanStep): string {
  return step.files.find((file) => file !== ".") ?? step.kind;
}
