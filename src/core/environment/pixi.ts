/** pixi's manifest where it has no lock: conda packages, and others from PyPI. */
import type { CondaEnvironment } from "./conda-environment.ts";
import { type CondaSpec, isChannel, parseCondaSpec } from "./conda-spec.ts";
import { isTable, type Table, tableOf, textOf, textsOf } from "./documents.ts";
import { takeNamed } from "./named-dependency.ts";
import { poetrySpecifier } from "./poetry-version.ts";
import type { PlanSource } from "./plan.ts";
import type { Reading } from "./reading.ts";
import { quote } from "./requirement.ts";
import { invalid, unsupported } from "./requirement-lines.ts";
import { nothingWanted, readRequirementItems, type Wanted } from "./requirements-files.ts";

interface Manifest {
  /** The whole of pixi.toml, or [tool.pixi]. */
  readonly table: Table;
  /** [project] of pyproject.toml: its dependencies come from PyPI. */
  readonly project: Table;
  readonly file: string;
  readonly find: (needle: string) => PlanSource;
}

/** The default environment. Throws `config-invalid` or `config-unsupported`. */
export function pixiEnvironment(reading: Reading, manifest: Manifest): CondaEnvironment {
  const { table, project, file, find } = manifest;
  const workspace = tableOf(table["workspace"] ?? table["project"]);
  const environments = tableOf(table["environments"]);
  if (environments["default"] !== undefined) {
    throw unsupported(find("default"), "its environments are made of features: commit pixi.lock");
  }
  const targets = tableOf(table["target"]);
  const mine = ["unix", "linux", "linux-64"].map((name) => tableOf(targets[name]));
  const tables = [table, ...mine];
  const pip = readRequirementItems(
    reading.tree,
    file,
    textsOf(project["dependencies"]).map((words) => ({ line: find(words).line, words })),
  );
  for (const one of tables) takePypi(reading, pip, one["pypi-dependencies"], find);
  return {
    path: file,
    channels: channelsOf(workspace["channels"], find("channels")),
    specs: tables.flatMap((one) => specsOf(one["dependencies"], find)),
    pip:
      pip.packages.length + pip.projects.length + pip.archives.length > 0 ? pip : nothingWanted(),
    variables: {},
  };
}

/** A directory of the repository is among the packages: installing it runs its code. */
export function pixiHasOwnCode(table: Table): boolean {
  const all = [
    table,
    ...Object.values(tableOf(table["feature"])),
    ...Object.values(tableOf(table["target"])),
  ];
  return all.some((one) =>
    Object.values(tableOf(tableOf(one)["pypi-dependencies"])).some(
      (value) => tableOf(value)["path"] !== undefined,
    ),
  );
}

function channelsOf(value: unknown, source: PlanSource): readonly string[] {
  const channels = (Array.isArray(value) ? value : []).map(
    (one: unknown) => textOf(one) ?? textOf(tableOf(one)["channel"]) ?? "",
  );
  const wrong = channels.find((one) => !isChannel(one));
  if (wrong !== undefined) throw unsupported(source, `${quote(wrong)} is not a channel`);
  return channels.length === 0 ? ["conda-forge"] : [...new Set(channels)];
}

function specsOf(
  dependencies: unknown,
  find: (needle: string) => PlanSource,
): { readonly spec: CondaSpec; readonly source: PlanSource }[] {
  return Object.entries(tableOf(dependencies)).map(([name, value]) => {
    const source = find(name);
    if (typeof value !== "string" && !isTable(value)) {
      throw invalid(source, `${quote(name)} must be a version or a table`);
    }
    const table = tableOf(value);
    const foreign = ["git", "path", "url"].find((key) => table[key] !== undefined);
    if (foreign !== undefined) throw unsupported(source, `${quote(name)} comes from ${foreign}`);
    const version = typeof value === "string" ? value : (textOf(table["version"]) ?? "*");
    const build = textOf(table["build"]);
    const channel = textOf(table["channel"]);
    const text = `${channel === null ? "" : `${channel}::`}${name} ${version} ${build ?? ""}`;
    const outcome = parseCondaSpec(text);
    if (outcome.kind === "malformed") throw invalid(source, outcome.because);
    return { spec: outcome.spec, source };
  });
}

function takePypi(
  { tree }: Reading,
  wanted: Wanted,
  dependencies: unknown,
  find: (needle: string) => PlanSource,
): void {
  for (const [name, value] of Object.entries(tableOf(dependencies))) {
    const source = find(name);
    const table = tableOf(value);
    const version = typeof value === "string" ? value : (textOf(table["version"]) ?? "*");
    const specifier = poetrySpecifier(version);
    if (specifier === null)
      throw invalid(source, `${quote(version)} is not a version of ${quote(name)}`);
    const extras = textsOf(table["extras"]);
    takeNamed(tree, wanted, { source, name, specifier, marker: null, extras, hashes: [], table });
  }
}
