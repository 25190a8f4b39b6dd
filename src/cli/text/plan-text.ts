/** A plan in words: one line for each step, and what is installed by it. */
import type { Plan, PlanSource, PlanStep } from "#core/environment/plan.ts";

/** What a step does, and the lines under it. */
export interface StepText {
  readonly title: string;
  readonly lines: readonly string[];
}

export function stepText(step: PlanStep): StepText {
  switch (step.kind) {
    case "apt":
      return {
        title: "Debian packages",
        lines: step.packages.map(({ name, version, source }) =>
          placed(version === null ? name : `${name}=${version}`, source),
        ),
      };
    case "python":
      return { title: `Python ${step.version}`, lines: [step.because] };
    case "conda":
      return {
        title: `conda environment from ${step.path}`,
        lines: [
          step.because,
          ...step.channels.map((channel) => `channel ${channel}`),
          ...step.specs.map((spec, index) => placed(spec, step.sources[index])),
          ...step.added.map(byBindery),
        ],
      };
    case "nix":
      return { title: `Nix environment from ${step.path}`, lines: lockLines(step.lock) };
    case "dockerfile":
      return {
        title: step.path === null ? `image ${step.image}` : `image from ${step.path}`,
        lines: [],
      };
    case "lock":
      return { title: `exactly what ${step.path} locks`, lines: countOf(step.requirements) };
    case "packages":
      return {
        title: "Python packages",
        lines: [
          ...step.requirements.map((line, index) =>
            placed(withoutHashes(line), step.sources[index]),
          ),
          ...step.constraints.map((line) => `at most as ${withoutHashes(line)}`),
          ...step.options.map(({ name, value }) => `--${name}${value === null ? "" : ` ${value}`}`),
          ...step.added.map(byBindery),
        ],
      };
    case "node":
      return {
        title: `npm ${step.command}${step.directory === "" ? "" : ` in ${step.directory}`}`,
        lines: [
          `Node ${step.version ?? "of any version"}`,
          "install scripts of packages run in the build's sandbox",
        ],
      };
    case "r":
      return {
        title: `R ${step.version}, CRAN of ${step.snapshot ?? "today"}`,
        lines: [step.because, ...step.sources.map(({ path }) => path)],
      };
    case "julia":
      return { title: `Julia ${step.version}`, lines: [step.because, step.project] };
    case "archive":
      return { title: `install ${step.path}`, lines: [] };
    case "project":
      return {
        title: `install ${step.directory || "the repository"}${step.isEditable ? ", editable" : ""}`,
        lines: step.extras.length === 0 ? [] : [`extras ${step.extras.join(", ")}`],
      };
    case "postBuild":
      return { title: `run ${step.path}`, lines: [] };
  }
}

/** What decides between this machine and a container builder, in a sentence. */
export function engineText({ engine }: Plan): string {
  const where = engine.kind === "local" ? "on this machine" : "by a container builder";
  return `${where}: ${engine.because}`;
}

function placed(text: string, source: PlanSource | undefined): string {
  return source === undefined ? text : `${text}   (${source.file}:${source.line})`;
}

function byBindery(text: string): string {
  return `${text}   (added by Bindery)`;
}

function withoutHashes(line: string): string {
  return line.replaceAll(/\s+--hash=\S+/g, "");
}

function lockLines(lock: string | null): readonly string[] {
  return lock === null ? [] : [`locked by ${lock}`];
}

function countOf(requirements: readonly string[]): readonly string[] {
  if (requirements.length === 0) return [];
  return [requirements.length === 1 ? "1 package" : `${requirements.length} packages`];
}
