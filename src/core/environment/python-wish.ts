/** runtime.txt and .python-version: the Python that a repository asks for. */
import { AppError } from "../errors.ts";
import { configurationPath } from "./configuration-directory.ts";
import type { PlanFile } from "./plan.ts";
import { parsePythonText } from "./python-version.ts";
import type { PythonWish } from "./python-version.ts";
import type { RepoTree } from "./repo-tree.ts";
import { quote } from "./requirement.ts";
import { invalid, meaningfulLines } from "./requirement-lines.ts";

/** The wish, or null when no file has one. Throws the refusal of a file that cannot be used. */
export function readPythonWish(
  tree: RepoTree,
  directory: string,
  files: PlanFile[],
): PythonWish | null {
  const runtime = readRuntime(tree, configurationPath(directory, "runtime.txt"), files);
  const path = configurationPath(directory, ".python-version");
  if (runtime === null) return readPythonVersionFile(tree, path, files);
  if (tree.lookup(path).kind === "file") {
    files.push({ path, verdict: "ignored", because: `${runtime.file} decides` });
  }
  return runtime;
}

function readRuntime(tree: RepoTree, path: string, files: PlanFile[]): PythonWish | null {
  const text = tree.read(path);
  if (text === null) return null;
  const [first, second] = meaningfulLines(text);
  if (first === undefined) {
    files.push({ path, verdict: "ignored", because: "it is empty" });
    return null;
  }
  const source = { file: path, line: first.line };
  if (second !== undefined)
    throw invalid({ file: path, line: second.line }, "one line is expected");
  const asked = parsePythonText(first.words);
  switch (asked.kind) {
    case "other":
      throw new AppError(
        "config-unsupported",
        `${path}:${first.line}: ${quote(first.words)} asks for ${asked.language}, which cannot be built here yet.`,
        { detail: source },
      );
    case "not-understood":
      throw invalid(
        source,
        `${quote(first.words)} is not a runtime; expected is python-3.12 or 3.12`,
      );
    case "python":
      files.push({ path, verdict: "used", because: "it says which Python" });
      return { ...source, specifier: asked.specifier, release: asked.release };
  }
}

/** It may hold the name of a pyenv environment, and several lines of which the first counts. */
function readPythonVersionFile(tree: RepoTree, path: string, files: PlanFile[]): PythonWish | null {
  const text = tree.read(path);
  if (text === null) return null;
  const first = meaningfulLines(text)[0];
  const asked = parsePythonText(first?.words ?? "");
  if (first === undefined || asked.kind !== "python") {
    const because =
      first === undefined ? "it is empty" : `${quote(first.words)} is no version of CPython`;
    files.push({ path, verdict: "ignored", because });
    return null;
  }
  files.push({ path, verdict: "used", because: "it says which Python" });
  return { file: path, line: first.line, specifier: asked.specifier, release: asked.release };
}
