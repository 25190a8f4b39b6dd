/** Which Python a repository gets. */
import { describe, expect, test } from "vitest";
import { type Files, OPTIONS, PROJECT, planOf, wordsOf } from "./planning-in-tests.ts";

describe("which Python", () => {
  test.each<[string, Files, string]>([
    ["python-3.11", { "runtime.txt": "python-3.11" }, "3.11"],
    ["python-3", { "runtime.txt": "python-3\n" }, "3.12"],
    ["a bare version", { "runtime.txt": "3.13" }, "3.13"],
    ["a version after a space", { "runtime.txt": "python 3.13" }, "3.13"],
    ["conda's form", { "runtime.txt": "conda-forge::python=3.11" }, "3.11"],
    ["a range", { "runtime.txt": ">=3.13" }, "3.13"],
    ["a range after the name", { "runtime.txt": "python>=3.11" }, "3.12"],
    ["an exact release that is here", { "runtime.txt": "python-3.11.2" }, "3.11.2"],
    ["an exact release that is not here", { "runtime.txt": "python-3.11.9" }, "3.11"],
    ["a date, which means nothing for Python", { "runtime.txt": "python-3.11-2024-02-03" }, "3.11"],
    ["a date alone", { "runtime.txt": "python-2024-02-03" }, "3.12"],
    ["a comment and blank lines", { "runtime.txt": "# which\n\npython-3.11\n" }, "3.11"],
    ["an empty file", { "runtime.txt": "\n" }, "3.12"],
    ["a version that is not here but exists", { "runtime.txt": "python-3.9" }, "3.9"],
    [".python-version", { ".python-version": "3.11\n" }, "3.11"],
    [".python-version with an exact release", { ".python-version": "3.13.1" }, "3.13.1"],
    [".python-version with several", { ".python-version": "3.11\n3.12" }, "3.11"],
    [
      ".python-version with the name of a pyenv environment",
      { ".python-version": "my-env" },
      "3.12",
    ],
    [
      "runtime.txt before .python-version",
      { "runtime.txt": "python-3.11", ".python-version": "3.13" },
      "3.11",
    ],
    [
      "requires-python that the default satisfies",
      { "pyproject.toml": `${PROJECT}requires-python = ">=3.9"` },
      "3.12",
    ],
    [
      "requires-python that only the newest satisfies",
      { "pyproject.toml": `${PROJECT}requires-python = ">=3.13"` },
      "3.13",
    ],
    [
      "requires-python that only an old one satisfies",
      { "pyproject.toml": `${PROJECT}requires-python = "<3.12"` },
      "3.11",
    ],
    [
      "requires-python with a patch level",
      { "pyproject.toml": `${PROJECT}requires-python = ">=3.12.5"` },
      "3.13",
    ],
    [
      "requires-python beside requirements.txt",
      { "pyproject.toml": `${PROJECT}requires-python = "<3.12"`, "requirements.txt": "six" },
      "3.11",
    ],
    [
      "both",
      { "pyproject.toml": `${PROJECT}requires-python = ">=3.9"`, ".python-version": "3.11" },
      "3.11",
    ],
  ])("%s", (_, files, version) => {
    expect(wordsOf(planOf(files))[0]).toBe(`python ${version}`);
  });

  test("with no interpreter here the version that serves best is planned", () => {
    expect(wordsOf(planOf({}, { ...OPTIONS, pythons: [] }))).toEqual(["python 3.12"]);
  });
});
