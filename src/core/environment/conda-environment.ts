/** environment.yml: a conda environment, with a part for pip. */
import { type CondaSpec, isChannel, parseCondaSpec } from "./conda-spec.ts";
import { inWords, parseYaml, type Table, tableOf, isTable, type YamlFile } from "./documents.ts";
import type { PlanSource } from "./plan.ts";
import type { Reading } from "./reading.ts";
import { hasControlCharacters, quote } from "./requirement.ts";
import { invalid, unsupported } from "./requirement-lines.ts";
import { nothingWanted, readRequirementItems, type Wanted } from "./requirements-files.ts";

const ENTRIES_MAX = 5_000;

export interface CondaEnvironment {
  readonly path: string;
  readonly channels: readonly string[];
  readonly specs: readonly { readonly spec: CondaSpec; readonly source: PlanSource }[];
  readonly pip: Wanted;
  /** What conda would set when the environment is activated. */
  readonly variables: Readonly<Record<string, string>>;
}

/** Throws `config-invalid` with the line. */
export function readCondaEnvironment(reading: Reading, path: string): CondaEnvironment {
  const yaml = parseYaml(path, reading.tree.read(path) ?? "");
  const at = (...keys: (string | number)[]) => ({ file: path, line: yaml.lineOf(keys) });
  if (yaml.value !== null && !isTable(yaml.value)) {
    throw invalid(at(), "a mapping is expected, with `dependencies:` in it");
  }
  const root = tableOf(yaml.value);
  const dependencies = root["dependencies"] ?? [];
  if (!Array.isArray(dependencies))
    throw invalid(at("dependencies"), "dependencies must be a list");
  if (dependencies.length > ENTRIES_MAX) {
    throw invalid(at("dependencies"), `there are more than ${ENTRIES_MAX} dependencies`);
  }
  const specs: { spec: CondaSpec; source: PlanSource }[] = [];
  const pip: { readonly line: number; readonly words: string }[] = [];
  for (const [index, entry] of dependencies.entries() as Iterable<[number, unknown]>) {
    const source = at("dependencies", index);
    if (entry === null) continue;
    if (isTable(entry)) pip.push(...pipItems(entry, { path, index, yaml }));
    else if (typeof entry === "string") specs.push({ spec: specOf(source, entry), source });
    else throw invalid(source, `${quote(inWords(entry))} is not a package; put it in quotes`);
  }
  return {
    path,
    channels: channelsOf(path, root["channels"], at("channels")),
    specs,
    pip: pip.length === 0 ? nothingWanted() : readRequirementItems(reading.tree, path, pip),
    variables: variablesOf(root["variables"], at("variables")),
  };
}

function specOf(source: PlanSource, text: string): CondaSpec {
  const outcome = parseCondaSpec(text);
  if (outcome.kind === "malformed") throw invalid(source, outcome.because);
  return outcome.spec;
}

function pipItems(
  entry: Table,
  place: { readonly path: string; readonly index: number; readonly yaml: YamlFile },
): { readonly line: number; readonly words: string }[] {
  const at = (...keys: (string | number)[]) => ({
    file: place.path,
    line: place.yaml.lineOf(["dependencies", place.index, ...keys]),
  });
  const other = Object.keys(entry).find((key) => key !== "pip");
  if (other !== undefined) {
    throw invalid(at(), `${quote(other)} with a colon is not a package; conda's form is name=1.2`);
  }
  const items = entry["pip"] ?? [];
  if (!Array.isArray(items)) throw invalid(at("pip"), "pip must be a list");
  return items.flatMap((item: unknown, index) => {
    const { file, line } = at("pip", index);
    if (item === null) return [];
    if (typeof item === "string") return [{ line, words: item.trim() }];
    throw invalid({ file, line }, `${quote(JSON.stringify(item))} is not a requirement`);
  });
}

/** conda-forge comes last unless `nodefaults` says that there is nothing else. */
function channelsOf(path: string, value: unknown, source: PlanSource): readonly string[] {
  if (value !== undefined && value !== null && !Array.isArray(value)) {
    throw invalid(source, "channels must be a list");
  }
  const named = (value ?? []).map((one: unknown) => {
    const channel = typeof one === "string" ? one.trim() : "";
    if (isChannel(channel)) return channel;
    throw unsupported(source, `${quote(String(one))} is not a channel that ${path} can name`);
  });
  const channels = named.filter((channel) => channel !== "nodefaults");
  const isClosed = named.includes("nodefaults") && channels.length > 0;
  return [...new Set(isClosed ? channels : [...channels, "conda-forge"])];
}

function variablesOf(value: unknown, source: PlanSource): Readonly<Record<string, string>> {
  if (value === undefined || value === null) return {};
  if (!isTable(value)) throw invalid(source, "variables must be a mapping");
  const pairs = Object.entries(value).map(([name, text]): [string, string] => {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) || isTable(text) || Array.isArray(text)) {
      throw invalid(source, `${quote(name)} is not a variable with a value`);
    }
    if (/^(?:PATH|HOME|LD_.*)$/.test(name)) throw unsupported(source, `${name} cannot be set here`);
    const words = text === null ? "" : inWords(text);
    if (hasControlCharacters(words)) throw unsupported(source, `${name} has more than one line`);
    return [name, words];
  });
  return Object.fromEntries(pairs);
}
