/** runtime.txt and .python-version: the Python that a repository asks for. */
import { configurationPath } from "./configuration-directory.ts";
import { parsePythonText } from "./python-version.ts";
import type { PythonWish } from "./python-version.ts";
import { note, type Reading } from "./reading.ts";
import { quote } from "./requirement.ts";
import { meaningfulLines } from "./requirement-lines.ts";
import { parseRuntime } from "./runtime.ts";

/** The wish, or null when no file has one. Throws the refusal of a file that cannot be used. */
export function readPythonWish(reading: Reading): PythonWish | null {
  const path = configurationPath(reading.directory, ".python-version");
  const runtime = parseRuntime(reading);
  switch (runtime?.kind) {
    case undefined:
    case "r":
      return readPythonVersionFile(reading, path);
    case "empty":
      note(reading, runtime.source.file, "ignored", "it is empty");
      return readPythonVersionFile(reading, path);
    case "python":
      note(reading, runtime.source.file, "used", "it says which Python");
      if (reading.tree.lookup(path).kind === "file") {
        note(reading, path, "ignored", `${runtime.source.file} decides`);
      }
      return { ...runtime.source, specifier: runtime.specifier, release: runtime.release };
  }
}

/** It may hold the name of a pyenv environment, and several lines of which the first counts. */
function readPythonVersionFile(reading: Reading, path: string): PythonWish | null {
  const text = reading.tree.read(path);
  if (text === null) return null;
  const first = meaningfulLines(text)[0];
  const asked = parsePythonText(first?.words ?? "");
  if (first === undefined || asked.kind !== "python") {
    const because =
      first === undefined ? "it is empty" : `${quote(first.words)} is no version of CPython`;
    note(reading, path, "ignored", because);
    return null;
  }
  note(reading, path, "used", "it says which Python");
  reading.differs.push(`repo2docker does not read ${path}.`);
  return { file: path, line: first.line, specifier: asked.specifier, release: asked.release };
}
