/** The steps of a plan as uv is given them: files of requirement lines, and options. Pure. */
import type { PipOption, Plan, PlanSource } from "../environment/plan.ts";
import { normalizeName } from "../environment/requirement.ts";

export interface InstallerInputs {
  /** Lines that name packages, with what Bindery adds. */
  readonly requirements: readonly string[];
  readonly constraints: readonly string[];
  /** Lines that name directories and archives of the repository. */
  readonly local: readonly string[];
  readonly options: readonly PipOption[];
  /** Nothing published after the end of this day is installed; null for no such limit. */
  readonly asOf: string | null;
  /** Where the line of a package stands, by its normalised name. */
  readonly sources: ReadonlyMap<string, PlanSource>;
  /** Why wheels from the index are not enough, so that code runs in the build; null when they are. */
  readonly needsCode: string | null;
}

type Step<Kind extends Plan["steps"][number]["kind"]> = Extract<
  Plan["steps"][number],
  { kind: Kind }
>;

function stepsOf<Kind extends Plan["steps"][number]["kind"]>(plan: Plan, kind: Kind): Step<Kind>[] {
  return plan.steps.filter((step): step is Step<Kind> => step.kind === kind);
}

/** `locked` are the lines of an exported lock; `home` is the repository's content as uv sees it. */
export function installerInputs(
  plan: Plan,
  home: string,
  locked: readonly string[],
): InstallerInputs {
  const packages = stepsOf(plan, "packages");
  const lockedLocal = locked.filter(isLocalLine);
  const lockedPackages = locked.filter((line) => !isLocalLine(line));
  const local = [
    ...lockedLocal.map((line) => absoluteLine(line, home)),
    ...stepsOf(plan, "archive").map(
      ({ path, extras, marker }) => fileUrl(home, path) + extrasOf(extras) + markerOf(marker),
    ),
    ...stepsOf(plan, "project").map(
      ({ directory, extras, isEditable, marker }) =>
        `${isEditable ? "-e " : ""}${fileUrl(home, directory)}${extrasOf(extras)}${markerOf(marker)}`,
    ),
  ];
  const requirements = [
    ...lockedPackages,
    ...packages.flatMap((step) => [...step.requirements, ...step.added]),
  ];
  const options = [...packages, ...stepsOf(plan, "lock")].flatMap((step) => step.options);
  return {
    requirements,
    constraints: packages.flatMap((step) => step.constraints),
    local,
    options,
    asOf: packages.find((step) => step.asOf !== null)?.asOf ?? null,
    sources: sourcesOf(packages),
    needsCode: whyCode({ requirements, local, options }),
  };
}

function sourcesOf(steps: readonly Step<"packages">[]): ReadonlyMap<string, PlanSource> {
  const sources = new Map<string, PlanSource>();
  for (const step of steps) {
    for (const [index, line] of step.requirements.entries()) {
      const name = /^[a-z0-9][a-z0-9._-]*/i.exec(line)?.[0];
      const source = step.sources[index];
      if (name !== undefined && source !== undefined && !sources.has(name)) {
        sources.set(name, source);
      }
    }
  }
  return sources;
}

function whyCode(
  inputs: Pick<InstallerInputs, "requirements" | "local" | "options">,
): string | null {
  if (inputs.local.length > 0) return "a package of the repository is installed";
  const fromGit = inputs.requirements.find((line) => /(?:^|@ )git\+/.test(line));
  if (fromGit !== undefined) return `${nameOf(fromGit)} comes from Git`;
  const fromArchive = inputs.requirements.find((line) => {
    const url = /(?:^|@ )(https?:\/\/\S+)/.exec(line)?.[1];
    return url !== undefined && !/\.whl(?:[?#]|$)/.test(url);
  });
  if (fromArchive !== undefined) return `${nameOf(fromArchive)} is a source archive`;
  for (const { name, value } of inputs.options) {
    if (name === "no-binary" && value !== ":none:") return "--no-binary asks for source";
    if (name === "find-links" && isInRepository(value)) return "packages lie in the repository";
  }
  return null;
}

function nameOf(line: string): string {
  return line.split(" ")[0] ?? line;
}

/** Options for `uv pip install` and `uv pip compile`. Each is one argument, so that no value is taken for an option. */
export function installerOptions(options: readonly PipOption[], home: string): readonly string[] {
  const hasExtra = options.some(({ name }) => name === "extra-index-url");
  return [
    ...options.flatMap((option) => installerOption(option, home)),
    // pip takes the best version of all indexes; uv would stop at the first that has the package.
    ...(hasExtra ? ["--index-strategy=unsafe-best-match"] : []),
  ];
}

/** Options that keep what is too new out of sight. */
export function dateOptions({ asOf }: Pick<InstallerInputs, "asOf">): readonly string[] {
  return asOf === null ? [] : [`--exclude-newer=${asOf}T23:59:59Z`];
}

function installerOption({ name, value }: PipOption, home: string): readonly string[] {
  switch (name) {
    case "index-url":
      return [`--default-index=${value}`];
    case "extra-index-url":
      return [`--index=${value}`];
    case "find-links":
      return [`--find-links=${isInRepository(value) ? `${home}/${value}` : value}`];
    case "no-index":
      return ["--no-index"];
    case "no-binary":
      return (value ?? "").split(",").map((one) => `--no-binary=${one.trim()}`);
    case "only-binary":
      return (value ?? "").split(",").map((one) => `--only-binary=${one.trim()}`);
    case "pre":
      return ["--prerelease=allow"];
    case "trusted-host":
      return [`--allow-insecure-host=${value}`];
    case "require-hashes":
      // What Bindery adds has no hashes in the file; those that are given are verified.
      return [];
  }
}

/** A requirement without its `--hash` options, and those by its normalised name. */
export function splitHashes(lines: readonly string[]): {
  readonly bare: readonly string[];
  readonly hashes: ReadonlyMap<string, string>;
} {
  const hashes = new Map<string, string>();
  const bare = lines.map((line) => {
    const own = line.match(/ --hash=\S+/g) ?? [];
    const name = /^[A-Za-z0-9][A-Za-z0-9._-]*/.exec(line)?.[0];
    if (own.length > 0 && name !== undefined) {
      hashes.set(normalizeName(name), own.join(""));
    }
    return line.replaceAll(/ --hash=\S+/g, "");
  });
  return { bare, hashes };
}

/** Addresses that the repository itself names, beyond the configured index. */
export function namesAddresses(inputs: InstallerInputs): boolean {
  const ofOptions = inputs.options.some(
    ({ name, value }) => /^(?:index-url|extra-index-url|find-links)$/.test(name) && isWeb(value),
  );
  return ofOptions || inputs.requirements.some((line) => /(?:^|@ )(?:git\+|https?:)/.test(line));
}

function isInRepository(value: string | null): boolean {
  return !isWeb(value);
}

function isWeb(value: string | null): boolean {
  return value?.includes("://") ?? false;
}

function isLocalLine(line: string): boolean {
  return /^(?:-e\s+)?\.{1,2}(?:\/|\s|\[|$)/.test(line) || /^-e\s/.test(line);
}

/** `-e ./packages/a` of an exported lock, from anywhere. */
function absoluteLine(line: string, home: string): string {
  const match = /^(-e\s+)?(\S+?)(\[[^\]]*\])?(\s+;.*)?$/.exec(line);
  if (match === null) return line;
  const [, editable = "", path = "", extras = "", marker = ""] = match;
  return `${editable}${fileUrl(home, decodeURIComponent(path))}${extras}${marker}`;
}

function fileUrl(home: string, path: string): string {
  const parts = `${home}/${path}`.split("/").filter((part) => part !== "." && part !== "");
  return `file:///${parts.map(encodeURIComponent).join("/")}`;
}

function extrasOf(extras: readonly string[]): string {
  return extras.length === 0 ? "" : `[${extras.join(",")}]`;
}

function markerOf(marker: string | null): string {
  return marker === null ? "" : ` ; ${marker}`;
}

/** Joined lines of `uv export`, without comments. */
export function exportedLines(text: string): readonly string[] {
  return text
    .replaceAll(/\\\n\s*/g, "")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
}
