/** Project.toml with its manifest: a Julia environment. */
import { canonicalJson, lineOf, parseToml, type Table, tableOf, textOf } from "./documents.ts";
import { digestOfList } from "./digests.ts";
import { allowsJulia, newestJulia } from "./julia-version.ts";
import type { JuliaStep } from "./plan.ts";
import { contentHash, type KeyInput, note, present, type Reading } from "./reading.ts";
import { hasControlCharacters, quote } from "./requirement.ts";
import { invalid } from "./requirement-lines.ts";

export interface JuliaFiles {
  readonly step: JuliaStep;
  readonly input: KeyInput;
}

/** Julia itself prefers the longer names. */
const PROJECTS = ["JuliaProject.toml", "Project.toml"] as const;
const MANIFESTS = ["JuliaManifest.toml", "Manifest.toml"] as const;
const MANIFEST_READ_MAX = 1_000_000;
/** Everything of a manifest but its version is installed as it is. */
const SAYS = ["deps", "compat", "extras", "weakdeps", "extensions", "sources", "preferences"];

/** Null when there is none. Throws `config-invalid`. */
export function readJuliaFiles(reading: Reading): JuliaFiles | null {
  const [project, other] = PROJECTS.map((name) => present(reading, name)).filter(
    (path) => path !== null,
  );
  if (project === undefined) return null;
  if (other !== undefined) note(reading, other, "ignored", `${project} decides, as in Julia`);
  const text = reading.tree.read(project) ?? "";
  const root = parseToml(project, text);
  note(reading, project, "used", "it describes a Julia environment");
  const manifest = MANIFESTS.map((name) => present(reading, name)).find((path) => path !== null);
  const written = manifest === undefined ? null : readManifest(reading, manifest);
  const chosen = choose(project, text, root, written?.version ?? null);
  if (manifest !== undefined) {
    note(reading, manifest, "used", "it says exactly which packages of Julia");
    if (chosen.version === written?.version) {
      reading.differs.push(`repo2docker takes the newest Julia, not the one of ${manifest}.`);
    }
  }
  const isPackage = root["name"] !== undefined && root["uuid"] !== undefined;
  const hasCode = isPackage || written?.hasPaths === true;
  const says = SAYS.map((key) => root[key] ?? null);
  const digest = digestOfList([
    canonicalJson(says),
    manifest === undefined ? "none" : contentHash(reading, manifest),
  ]);
  return {
    step: {
      ...{ kind: "julia", ...chosen, directory: reading.directory, project },
      manifest: manifest ?? null,
      files: [project, ...(manifest === undefined ? [] : [manifest]), ...(hasCode ? ["."] : [])],
    },
    input: { name: "Julia", value: `${chosen.version}, packages ${digest}` },
  };
}

function choose(
  file: string,
  text: string,
  root: Table,
  written: string | null,
): Pick<JuliaStep, "version" | "because"> {
  const compat = tableOf(root["compat"])["julia"];
  const specifier = textOf(compat);
  const source = { file, line: lineOf(text, "julia") };
  if (compat !== undefined && specifier === null) {
    throw invalid(source, "julia under [compat] must be a string");
  }
  if (written !== null && (specifier === null || allowsJulia(specifier, written))) {
    return { version: written, because: `the manifest was made with ${written}` };
  }
  const version = newestJulia(specifier ?? "1");
  if (version === null || hasControlCharacters(specifier ?? "")) {
    throw invalid(source, `no release of Julia is ${quote(specifier ?? "")} as [compat] asks`);
  }
  const because =
    specifier === null
      ? "no file asks for a version: the newest"
      : `${file} is compatible with ${specifier}`;
  return { version, because };
}

interface Manifest {
  readonly version: string | null;
  /** Packages that lie in the repository. */
  readonly hasPaths: boolean;
}

/** Not taken apart: it may be large, and Julia reads it. */
function readManifest(reading: Reading, path: string): Manifest {
  const entry = reading.tree.lookup(path);
  if (entry.kind === "file" && entry.file.sizeBytes > MANIFEST_READ_MAX) {
    return { version: null, hasPaths: true };
  }
  const text = reading.tree.read(path) ?? "";
  const version = /^julia_version\s*=\s*"(\d+\.\d+\.\d+)"/m.exec(text)?.[1] ?? null;
  return { version, hasPaths: /^path\s*=/m.test(text) };
}
