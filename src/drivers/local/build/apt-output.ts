/** What apt and dpkg say, read: which packages come, and why they do not. Pure. */
import type { DebianPackage } from "#core/environment/plan.ts";
import { type Failure, failure } from "#core/errors.ts";

/** A package that apt would install. */
export interface ComingPackage {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
}

/** The lines of `apt-get --simulate install`: `Inst jq [1.6-2] (1.6-2.1+deb12u3 Debian:12 [amd64])`. */
export function comingPackages(output: string): readonly ComingPackage[] {
  const lines = output.matchAll(
    /^Inst ([a-z0-9][a-z0-9+.-]*)(?::[a-z0-9]+)?(?: \[[^\]]*\])? \(([^ )]+)[^)]*\[([a-z0-9-]+)\]\)/gm,
  );
  return [...lines].map(([, name = "", version = "", architecture = ""]) => ({
    name,
    version,
    architecture,
  }));
}

/** The name that apt gives to the file. */
export function archiveName({ name, version, architecture }: ComingPackage): string {
  return `${name}_${version.replaceAll(":", "%3a")}_${architecture}.deb`;
}

/** Why apt did not get them: `said` is the end of what it printed. */
export function explainApt(said: string, wanted: readonly DebianPackage[]): Failure {
  const unknown =
    /Unable to locate package (\S+)/.exec(said)?.[1] ??
    /Package '?([a-z0-9][a-z0-9+.-]*)'? has no installation candidate/.exec(said)?.[1] ??
    /Version '[^']*' for '([^']+)' was not found/.exec(said)?.[1];
  if (unknown !== undefined) {
    const source = wanted.find(({ name }) => name === unknown)?.source;
    const where = source === undefined ? "" : `${source.file}:${source.line}: `;
    const what = /Version '([^']*)'/.exec(said)?.[1];
    const text = what === undefined ? unknown : `${unknown} in version ${what}`;
    return failure("resolve-failed", `${where}the machine's apt has no package ${text}.`, {
      step: "apt",
      package: unknown,
      ...(source === undefined ? {} : source),
    });
  }
  if (
    /Temporary failure resolving|Could not (?:connect|resolve)|Failed to fetch|Connection (?:failed|timed out)/.test(
      said,
    )
  ) {
    const host = /https?:\/\/([^/\s]+)/.exec(said)?.[1];
    const where = host === undefined ? "" : ` (${host})`;
    return failure("index-unreachable", `The Debian package archive did not answer${where}.`, {
      step: "apt",
      ...(host === undefined ? {} : { host }),
    });
  }
  const reason = reasonOf(said);
  const first = wanted[0]?.source.file;
  return failure("resolve-failed", `apt cannot install these packages together: ${reason}`, {
    step: "apt",
    ...(first === undefined ? {} : { file: first }),
  });
}

/** Why dpkg could not unpack or set them up without being root of the machine. */
export function explainDpkg(said: string, wanted: readonly DebianPackage[]): Failure {
  const name =
    /error processing (?:package|archive) (?:\S*\/)?([a-z0-9][a-z0-9+.-]*)/.exec(said)?.[1] ??
    "one of them";
  const source = wanted.find((one) => one.name === name)?.source ?? wanted[0]?.source;
  const where = source === undefined ? "" : `${source.file}:${source.line}: `;
  return failure(
    "config-unsupported",
    `${where}${name} cannot be installed without being root and needs the container builder: ${reasonOf(said)}`,
    { step: "apt", package: name, ...(source === undefined ? {} : source) },
  );
}

const REASON_CHARACTERS_MAX = 600;

function reasonOf(said: string): string {
  const lines = said.split("\n").map((line) => line.trim());
  const errors = lines.filter(
    (line) => /^(?:E:|dpkg:|N:|.*: error)/.test(line) || /Depends:/.test(line),
  );
  const text = (errors.length > 0 ? errors : lines.slice(-3)).slice(0, 4).join(" ");
  return text.replaceAll(/^(?:E|N): /g, "").slice(0, REASON_CHARACTERS_MAX);
}
