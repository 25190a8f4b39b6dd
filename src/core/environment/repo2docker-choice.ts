/** Which of its build packs repo2docker would choose: there the first that fits builds alone. */
import { isTable, parseToml, tableOf } from "./documents.ts";
import { present, type Reading } from "./reading.ts";
import { parseRuntime } from "./runtime.ts";

export type BuildPack =
  | "docker"
  | "julia"
  | "julia-require"
  | "nix"
  | "r"
  | "conda"
  | "pipfile"
  | "python"
  /** A Python with Jupyter and nothing else. */
  | "default";

/** Throws the refusal of a file that cannot be read. */
export function repo2dockerChoice(reading: Reading): BuildPack {
  const has = (...names: readonly string[]) =>
    names.some((name) => present(reading, name) !== null);
  const isRoot = reading.directory === "";
  const runtime = parseRuntime(reading);
  if (has("Dockerfile")) return "docker";
  if (has("Project.toml", "JuliaProject.toml")) return "julia";
  if (has("REQUIRE")) return "julia-require";
  if (has("default.nix")) return "nix";
  if (runtime?.kind === "r" && runtime.snapshot !== null) return "r";
  if (isRoot && has("DESCRIPTION")) return "r";
  if (has("environment.yml", "environment.yaml")) return "conda";
  if (has("Pipfile", "Pipfile.lock")) return "pipfile";
  if (runtime?.kind === "python" || has("requirements.txt")) return "python";
  if (isRoot && (has("setup.py") || isPackage(reading))) return "python";
  return "default";
}

/** There it takes both tables to be installed. */
function isPackage({ tree }: Reading): boolean {
  const text = tree.lookup("pyproject.toml").kind === "file" ? tree.read("pyproject.toml") : null;
  if (text === null) return false;
  const root = tableOf(parseToml("pyproject.toml", text));
  return isTable(root["project"]) && isTable(root["build-system"]);
}
