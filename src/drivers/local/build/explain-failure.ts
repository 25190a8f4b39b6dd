/** What uv's own words mean for a person: whose fault, which package, which line. Pure. */
import { type Failure, type FailureDetail, failure } from "#core/errors.ts";
import type { InstallerInputs } from "#core/rendering/installer-inputs.ts";

const REASON_CHARACTERS_MAX = 1_500;
/** uv says why at the end. */
const OUTPUT_CHARACTERS_MAX = 50_000;

/** True when it may work once code may run in the build: something has no wheel. */
export function wantsSource(output: string): boolean {
  return /usable wheels|wheels with a matching|building from source is disabled|no wheels? |source distributions? /i.test(
    output,
  );
}

/** The packages that `output` says have no wheel here, by normalised name. */
export function packagesWithoutWheel(output: string): readonly string[] {
  const found = [...output.matchAll(/Wheels are required for `([^`]+)`/g)].map(
    ([, name]) => name as string,
  );
  return [...new Set(found)];
}

/** `said` is what uv said, already free of secrets. */
export function explainFailure(
  said: string,
  context: {
    readonly step: string;
    readonly inputs: Pick<InstallerInputs, "sources">;
    /** False where the step has no network at all. */
    readonly isOnline: boolean;
  },
): Failure {
  const { step, isOnline } = context;
  const output = said.slice(-OUTPUT_CHARACTERS_MAX);
  const reason = reasonOf(output);
  if (/No space left on device|os error 28\b/i.test(output)) {
    return failure("disk-full", undefined, { step });
  }
  const url = /Failed to (?:fetch|download)[^\n]*?(https?:\/\/[^\s`]+)/.exec(output)?.[1];
  if (isUnreachable(output)) {
    const host = url === undefined ? null : hostOf(url);
    const where = host === null ? "" : ` (${host})`;
    const message = `The package index did not answer${where}: ${reason}`;
    return failure("index-unreachable", message, host === null ? { step } : { step, host });
  }
  if (
    /was not found in the cache|network (?:was|connectivity is) disabled/.test(output) &&
    !isOnline
  ) {
    return failure(
      "index-unreachable",
      `Something must be downloaded while code of the repository runs, and builds have no network here: ${reason}`,
      { step },
    );
  }
  const detail = { step, ...placeOf(output, context.inputs) };
  if (
    /Failed to build|build backend|Failed to prepare|Failed to install/i.test(output) &&
    !/No solution found/.test(output)
  ) {
    return failure("install-failed", withPlace(reason, detail), detail);
  }
  return failure("resolve-failed", withPlace(reason, detail), detail);
}

function isUnreachable(output: string): boolean {
  return (
    /error sending request|dns error|Connection refused|connection closed|operation timed out|timed out|tunnel error/i.test(
      output,
    ) ||
    /HTTP status (?:server error|code: 5)|\b50[0-9] (?:Internal|Bad|Service|Gateway)/i.test(output)
  );
}

function hostOf(url: string): string | null {
  return URL.canParse(url) ? new URL(url).host : null;
}

/** uv prints `error: …` and then indented causes and hints: that is the reason. */
function reasonOf(output: string): string {
  const lines = output.split("\n");
  const start = lines.findIndex((line) => /^\s*(?:error|×|x)(?::|\s)/.test(line));
  const reasons = lines
    .slice(Math.max(0, start))
    .map((line) => line.replace(/^\s*(?:error:|cause:|×|╰─▶|├─▶|│)\s*/, "").trim())
    .filter((line) => line !== "");
  const text = reasons.join(" ");
  return text.length > REASON_CHARACTERS_MAX ? `${text.slice(0, REASON_CHARACTERS_MAX)}…` : text;
}

/** The first package that uv complains of and that a line of the repository names. */
function placeOf(output: string, inputs: Pick<InstallerInputs, "sources">): FailureDetail {
  const required = [...output.matchAll(/you require ([a-z0-9][a-z0-9._-]*)/gi)];
  const quoted = [...output.matchAll(/`([a-z0-9][a-z0-9._-]{0,100})(?:[=@ ][^`\n]{0,300})?`/gi)];
  const dependents = output
    .split(" depends on")
    .slice(0, -1)
    .map((before) => before.slice(before.lastIndexOf(" ") + 1))
    .flatMap((word) => /^[a-z0-9][a-z0-9._-]{0,100}/i.exec(word)?.[0] ?? []);
  const found = [...required, ...quoted].map(([, name]) => name as string);
  const names = [...found, ...dependents].map(normal);
  for (const name of names) {
    const source = inputs.sources.get(name);
    if (source !== undefined) return { package: name, file: source.file, line: source.line };
  }
  return names[0] === undefined ? {} : { package: names[0] };
}

function normal(name: string): string {
  return name
    .toLowerCase()
    .replace(/[-_.]+/g, "-")
    .replace(/-$/, "");
}

function withPlace(reason: string, { file, line }: FailureDetail): string {
  return file === undefined ? reason : `${file}:${line}: ${reason}`;
}
